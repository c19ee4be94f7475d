"""What a sender describes of one computer file is read with that file."""

import pytest
from lxml import etree

from lantai.packages.described import file_elements

EEP = """<编码 xmlns="urn:x"><电子属性><计算机文件名>页.tif</计算机文件名><文档创建程序>扫描软件 3</文档创建程序></电子属性>
<数字化属性><数字化对象形态>A4 纸</数字化对象形态>
<扫描分辨率>300</扫描分辨率><扫描色彩模式>彩色</扫描色彩模式><图像压缩方案/></数字化属性></编码>"""


def test_the_attributes_of_one_file() -> None:
    assert file_elements(etree.fromstring(EEP)) == {
        "document_creating_application": "扫描软件 3",
        "physical_record_characteristics": "A4 纸",
        "scanning_resolution": "300",
        "scanning_color_model": "彩色",
    }


@pytest.mark.parametrize("text", ["<编码/>", "<编码><电子属性/></编码>"])
def test_nothing_described_is_nothing(text: str) -> None:
    assert file_elements(etree.fromstring(text)) == {}

"""The words that official documents are recognised by; ``standards.gb_t_9704`` holds the same table with its sources."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Word lists of GB/T 9704-2012 and of practice.

    ``document_types`` the fifteen types 文种; ``type_endings`` other endings of titles and the type they stand for;
    ``title_endings`` endings of titles that are no type; ``organisation_endings`` how names of organisations end;
    ``urgency`` degrees of urgency; ``secrecy_keys`` and ``declassified_*`` names of metadata elements; ``talk`` what stands
    before 秘密 where it is only spoken of.
    """

    document_types: tuple[str, ...]
    type_endings: tuple[tuple[str, str], ...]
    title_endings: tuple[str, ...]
    organisation_endings: tuple[str, ...]
    urgency: tuple[str, ...]
    secrecy_keys: tuple[str, ...]
    secrecy_values: tuple[str, ...]
    declassified_date_keys: tuple[str, ...]
    declassified_basis_keys: tuple[str, ...]
    talk: tuple[str, ...]


WORDS = Words(
    document_types=("决议", "决定", "命令", "公报", "公告", "通告", "意见", "通知", "通报", "报告", "请示", "批复", "议案", "函", "纪要"),
    type_endings=(("令", "命令"),),
    title_endings=(
        "法",
        "条例",
        "规定",
        "办法",
        "细则",
        "规则",
        "规程",
        "解释",
        "方案",
        "规划",
        "计划",
        "要点",
        "总结",
        "讲话",
        "纲要",
        "守则",
        "章程",
        "制度",
        "标准",
        "规范",
        "预案",
        "合同",
        "协议",
        "协议书",
        "简报",
        "说明",
        "名单",
        "清单",
        "目录",
        "大事记",
        "登记表",
    ),
    organisation_endings=(
        "委员会",
        "人民政府",
        "政府",
        "办公室",
        "办公厅",
        "国务院",
        "管理局",
        "局",
        "厅",
        "部",
        "委",
        "院",
        "会",
        "署",
        "处",
        "科",
        "站",
        "所",
        "馆",
        "中心",
        "公司",
        "集团",
        "银行",
        "大学",
        "学院",
        "学校",
        "医院",
        "单位",
        "领导小组",
        "指挥部",
        "党组",
        "党委",
        "支部",
        "工会",
        "总队",
        "支队",
        "警备区",
        "法院",
        "检察院",
        "办",
    ),
    urgency=("特急", "加急", "特提", "平急", "急件"),
    secrecy_keys=("密级", "security_classification", "classification", "m38", "secrecy"),
    secrecy_values=("秘密", "机密", "绝密", "mm", "jm", "um", "secret", "confidential", "top_secret", "topsecret", "top secret"),
    declassified_date_keys=("解密日期", "解密时间", "declassified_date", "declassification_date", "declassified_at"),
    declassified_basis_keys=("解密依据", "解密文号", "declassification_basis", "declassified_basis"),
    talk=(
        "国家",
        "商业",
        "工作",
        "技术",
        "业务",
        "通信",
        "个人",
        "企业",
        "经营",
        "职业",
        "审判",
        "检察",
        "警务",
        "军事",
        "国防",
        "信息",
        "及其",
        "泄露",
        "保守",
        "严守",
        "侦查",
        "其他",
        "有关",
    ),
)

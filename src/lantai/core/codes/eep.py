"""Codes of EEP 封装包 (DA/T 48-2009); what is asked and where stands in ``standards/da_t_48/requirements.csv``."""

from lantai.core.codes.row import Code, error, info, warning

_AGAIN = "请形成单位更正后重新封装。"
_INSIDE = "内容可以读取；请形成单位核对封装程序。"

ROWS: tuple[Code, ...] = (
    error("EEP-UNREADABLE", "无法读取封装包 {where}：{reason}。", "请形成单位重新封装。"),
    error("EEP-ROOT", "{where} 的根元素不在 DA/T 48 的命名空间内（{found}）。", _AGAIN),
    error("EEP-VERSION", "封装包的“版本”是“{found}”，应为 2009。", _AGAIN),
    error("EEP-VERSION-ATTRIBUTE", "“被签名对象”的 eep版本 属性是“{found}”，与“版本”（{expected}）不同，版本的真实性无法确认。", _AGAIN),
    error("EEP-TYPE", "“封装包类型”是“{found}”，应为 原始型 或 修改型。", _AGAIN),
    warning("EEP-TYPE-TEXT", "“封装包类型描述”与封装包类型（{expected}）不一致：{found}", _INSIDE),
    error("EEP-CONTENT", "{where} 的内容与封装包类型（{expected}）不符：有“{found}”。", _AGAIN),
    error("EEP-ELEMENT-MISSING", "{where} 缺少必有的元素“{name}”。", _AGAIN),
    error("EEP-ELEMENT-REPEATED", "{where} 中“{name}”出现 {count} 次，规范只许一次。", _AGAIN),
    error("EEP-ELEMENT-UNKNOWN", "{where} 中的“{name}”不是规范规定的元素。", _INSIDE),
    error("EEP-ELEMENT-ORDER", "{where} 中“{name}”的位置不合规范次序。", _INSIDE),
    error("EEP-VALUE", "{where} 的值“{found}”不合规范（应为{expected}）。", _AGAIN),
    error("EEP-ITEM-NUMBER", "{where} 中没有室编件号，也没有馆编件号。", _AGAIN),
    error("EEP-ID-MISSING", "{where} 没有标识符（{name}）。", _AGAIN),
    error("EEP-ID-REPEATED", "标识符“{found}”在封装包中出现多次。", _AGAIN),
    error("EEP-ID-NAME", "标识符“{found}”不能作为 XML 标识（含空格或以数字开头等）。", _AGAIN),
    warning("EEP-ID-FORM", "标识符“{found}”不是规范的写法（如 {expected}）。", _INSIDE),
    error("EEP-REFERENCE", "引用编码数据ID“{found}”在封装包中没有对应的编码数据。", _AGAIN),
    error("EEP-EVENT-AGENT", "业务实体“{where}”的机构人员标识符“{found}”在封装包中没有说明。", _AGAIN),
    warning("EEP-EVENT-RECORD", "业务实体“{where}”的文件标识符“{found}”不是本包的电子文件号（{expected}）。", _INSIDE),
    error("EEP-DATA-INVALID", "封装包中文件 {where} 的编码数据不是有效的 Base64。", "请形成单位重新封装。"),
    warning("EEP-DATA-EMPTY", "封装包中文件 {where} 没有编码数据。", "请核对是否漏封装。"),
    warning("EEP-DATA-SIZE", "文件 {where} 声明 {expected} 字节，编码数据解出 {found} 字节。", "请核对是否封装完整。"),
    warning("EEP-DATA-KEYWORD", "文件 {where} 的反编码关键字“{found}”与扩展名不符。", _INSIDE),
    warning("EEP-DATA-OUTSIDE", "文件 {where} 只封装了摘要（{found}），文件本身在包外。", "请形成单位把文件封入包内，或随包送来原文件。"),
    error("EEP-SCHEMA", "封装包不符合 XML Schema：{reason}", _AGAIN),
    error("EEP-SIGNATURE-GROUP", "封装包只有“{found}”，电子签名块和锁定签名应同有同无。", _AGAIN),
    error("EEP-SIGNATURE-INVALID", "签名“{where}”与被签名对象不符：{reason}。", "内容可能在签名后改动过；请向形成单位取回原封装包。"),
    warning("EEP-SIGNATURE-WEAK", "签名“{where}”使用 {found}，已不安全，只能作为参考。", "建议以 SM2、SM3 重新签名。"),
    warning("EEP-SIGNATURE-NOT-CHECKED", "签名“{where}”没有验证：{reason}。", "请用形成单位的工具验证。"),
    info("EEP-SIGNATURE-ABSENT", "封装包 {where} 没有电子签名。", "可以接收；真实性须由其他方式确认。"),
    error("EEP-CERTIFICATE", "签名“{where}”的证书无法识别。", _AGAIN),
    error("EEP-LOCK-TARGET", "锁定签名指向的“{found}”不是本包的电子签名。", _AGAIN),
    error("EEP-LOCK-INVALID", "锁定签名与电子签名“{where}”不符：{reason}。", "签名可能在锁定后改动过；请向形成单位取回原封装包。"),
    error("EEP-LAYER-ORDER", "修改标识符“{found}”与套叠的层次（第 {expected} 次修改）不符。", _AGAIN),
)

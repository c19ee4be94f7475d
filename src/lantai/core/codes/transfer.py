"""Codes of transfer packages 移交信息包 and of transfer acts; what is asked of a package stands in ``standards/da_t_93``."""

from lantai.core.codes.row import Code, error, fault, refusal, warning

_AGAIN = "请移交单位补正后重新送交。"

ROWS: tuple[Code, ...] = (
    error("TRANSFER-DESCRIPTION-MISSING", "移交信息包 {where} 没有说明文件。", _AGAIN),
    warning("TRANSFER-DESCRIPTION-FIELD", "说明文件没有“{where}”。", "可以接收；请移交单位补充说明。"),
    error("TRANSFER-CATALOGUE-MISSING", "移交信息包 {where} 没有目录文件。", _AGAIN),
    error("TRANSFER-CATALOGUE-UNREADABLE", "目录文件 {where} 无法识别：{reason}。", _AGAIN),
    error("TRANSFER-CATALOGUE-FIELD", "目录第 {row} 条（{where}）没有“{name}”。", _AGAIN),
    warning("TRANSFER-CATALOGUE-FIELD-ABSENT", "目录有 {count} 条没有“{where}”。", "可以接收；请移交单位补充。"),
    warning("TRANSFER-SEQUENCE", "目录第 {row} 条的顺序号是“{where}”，不连续。", "请核对是否漏列。"),
    error("TRANSFER-CODE-REPEATED", "目录中档号 {where} 出现 {count} 次。", _AGAIN),
    error("TRANSFER-COUNT", "说明文件的档案数量是“{where}”，目录有 {count} 条。", _AGAIN),
    warning("TRANSFER-RANGE", "说明文件的起止档号“{where}”与目录（{found}）不一致。", "请核对。"),
    error("TRANSFER-ROOT-EXTRA", "移交信息包根下有规定之外的“{where}”。", _AGAIN),
    error("TRANSFER-ITEM-MISSING", "目录列有 {where}，包中没有对应的电子档案。", _AGAIN),
    error("TRANSFER-ITEM-EXTRA", "包中有电子档案 {where}，目录没有列出。", _AGAIN),
    error("TRANSFER-ITEM-METADATA-MISSING", "电子档案 {where} 没有元数据文件。", _AGAIN),
    error("TRANSFER-ITEM-METADATA-UNREADABLE", "元数据 {where} 无法读取：{reason}。", _AGAIN),
    error("TRANSFER-ITEM-CODE-DIFFERS", "电子档案 {where} 的元数据中档号是“{found}”。", _AGAIN),
    error("TRANSFER-ITEM-CONTENT-MISSING", "电子档案 {where} 没有内容文件。", _AGAIN),
    warning("TRANSFER-DIGESTS-MISSING", "移交信息包 {where} 没有数字摘要表，无法核对移交时的摘要。", "可以接收；建议今后随包提供。"),
    error("TRANSFER-FILE-MISSING", "数字摘要表列有 {where}，包中没有这个文件。", _AGAIN),
    warning("TRANSFER-FILE-EXTRA", "包中有 {where}，数字摘要表没有列出。", "请移交单位核对此文件。"),
    error("TRANSFER-SIZE-DIFFERS", "文件 {where} 有 {found} 字节，数字摘要表所列为 {expected}。", _AGAIN),
    error(
        "TRANSFER-DIGEST-DIFFERS", "文件 {where} 的 {algorithm} 摘要与数字摘要表不一致。", "传输中可能损坏或被改动；请移交单位重新送交。"
    ),
    error("TRANSFER-LINK", "移交信息包中的 {where} 是链接或特殊文件，未读取。", "请移交单位以普通文件代替。"),
    error("TRANSFER-PATH-UNSAFE", "目录或摘要表中的路径 {where} 指向包外，已忽略。", _AGAIN),
    # transfer acts 移交
    refusal("TRANSFER-ACT-UNKNOWN", "没有移交 {where}。", "", "请核对移交编号。", http=404),
    refusal("TRANSFER-NOTHING-DUE", "没有可以移交的档案。", "没有拟定移交。", "请放宽年度、保管期限等条件，或核对是否已在另一次移交中。"),
    refusal(
        "TRANSFER-RECORD-NOT-FREE",
        "{where} 现在不能移交：须已归档、归本单位保管、未冻结，且不在另一次移交中。",
        "没有拟定移交。",
        "请从选择中去掉这一件。",
    ),
    refusal("TRANSFER-STATE", "移交 {where} {state}，这一步现在不能做。", "没有改动任何内容。", "请查看移交的状态。"),
    fault(
        "TRANSFER-CONTENDED",
        "移交 {where} 的回执没有登记完：还有 {count} 件刚被他人改动。",
        "已登记的都在，其余各件没有改动。",
        "请再登记一次同一份回执，从断处继续。",
    ),
    refusal("TRANSFER-REASON-MISSING", "取消移交 {where} 须写明理由。", "没有改动任何内容。", "请填写理由。", http=422),
    refusal(
        "TRANSFER-NOT-PASSED", "移交 {where} 有 {count} 件没有通过移交检测。", "没有形成移交信息包。", "请处理后重新检测，或取消后另拟。"
    ),
    refusal("TRANSFER-RECEIPT-INVALID", "移交 {where} 的回执不能用：{reason}。", "没有改动任何内容。", "请索取回执文件。", http=422),
    refusal(
        "TRANSFER-RECEIPT-SIGNATURE", "移交 {where} 的回执签名验证不通过。", "没有改动任何内容。", "回执可能被改动过；请向接收方重新索取。"
    ),
    refusal("TRANSFER-RECEIPT-FOREIGN", "回执中没有移交 {where} 的档案。", "没有改动任何内容。", "请核对是不是另一次移交的回执。"),
    refusal(
        "TRANSFER-RECEIPT-OPEN",
        "移交 {where} 还有 {count} 件接收方没有结论。",
        "没有改动任何内容。",
        "请等接收方逐件接收或退回后再取回执。",
    ),
    # exports 导出
    refusal("EXPORT-FORM-UNKNOWN", "没有“{where}”这种导出形式。", "没有导出任何内容。", "可用的形式：{known}。", http=422),
    refusal("EXPORT-NOTHING", "没有选择要导出的档案。", "没有导出任何内容。", "请先选择。", http=422),
    refusal("EXPORT-ABSENT", "导出的包 {where} 不在，或还没有做好、已过保留期。", "档案没有改动。", "请重新导出。", http=404),
    refusal("EXPORT-GONE", "{where} 的内容已不在本系统，不能导出。", "没有导出任何内容。", "请从选择中去掉这一件。"),
    refusal(
        "EXPORT-NO-CODE", "{where} 没有档号，或档号与另一件相同，不能放入移交信息包。", "没有形成移交信息包。", "请先归档，或改用其他形式。"
    ),
    refusal("EXPORT-TARGET-EXISTS", "目标位置已有 {where}。", "原有内容没有改动。", "请换一个文件夹，或先移走原有的。"),
    refusal("EXPORT-PLACE", "不能导出到 {where}（{reason}）。", "没有导出任何内容。", "请换一个文件夹。", http=422),
    fault(
        "EXPORT-NO-KEY", "没有 {where} 签名密钥，不能签名。", "没有导出任何内容。", "请运行 lantai doctor 检查密钥。", is_retryable=False
    ),
    fault("EXPORT-NOT-WRITTEN", "无法写入 {where}：{reason}。", "档案库没有改动；已写成的包是完整的。", "请检查磁盘空间和权限后重新导出。"),
)

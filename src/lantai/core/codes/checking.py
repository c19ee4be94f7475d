"""Codes of the four gates: one row a fault of an item of DA/T 70-2018, named after the item at the archiving gate (归档 GD).

The same codes serve at every gate: the fault is the same, only the item is shown under another number.
"""

from lantai.core.codes.row import Code, error, info, warning

_TO_SENDER = "请形成部门更正后重新送交。"
_DESCRIBE = "请在著录中更正。"
_LOOK = "请核对；确认无误的可以继续。"

ROWS: tuple[Code, ...] = (
    # 1 真实性
    error("GD-1-1-DIGEST", "“{where}”按 {algorithm} 重算的摘要与登记的不一致。", "文件可能已被改动，请与送交部门核对后重新送交。"),
    warning("GD-1-1-WEAK", "“{where}”登记的摘要用 {algorithm}，强度不足，不能单独作为凭证。", "可以接收；建议今后改用 SM3 或 SHA-256。"),
    error("GD-1-1-SIGNATURE", "“{where}”中的签名或印章“{name}”验证不通过。", "请与送交部门核对后重新送交。"),
    info("GD-1-1-NOT-VERIFIED", "“{where}”中的签名或印章“{name}”尚未验证。", "请人工验证并记录结果。"),
    error("GD-1-2", "“{where}”有 {length} 个字，超过上限 {limit} 个字。", _DESCRIBE),
    error("GD-1-3-DATE", "“{where}”的值“{value}”不是真实的日期（应为 8 位数字的年月日，或只到年、月）。", _DESCRIBE),
    error("GD-1-3-YEAR", "“{where}”的值“{value}”不是四位年度。", _DESCRIBE),
    error("GD-1-3-INTEGER", "“{where}”的值“{value}”不是正整数。", _DESCRIBE),
    error("GD-1-3-INSTANT", "“{where}”的值“{value}”不是有效的时间。", _DESCRIBE),
    warning("GD-1-3-FORM", "“{where}”的值“{value}”不是通常的写法（如 云发改〔2026〕12号）。", _LOOK),
    warning("GD-1-3-REPEATED", "“{where}”只应有一个值，现有 {count} 个。", _LOOK),
    error("GD-1-4", "“{where}”的值“{value}”不在代码表内。", _DESCRIBE),
    warning("GD-1-4-UNLISTED", "“{where}”的值“{value}”不在常用值之列。", _LOOK),
    error(
        "GD-1-4-SECRET", "“{where}”标为“{value}”。本系统是非涉密系统，不得存放涉密文件。", "请立即报告安全保密管理员，按涉密文件另行处理。"
    ),
    error("GD-1-5-FUTURE", "“{where}”为 {value}，晚于今天（{today}）。", _DESCRIBE),
    warning("GD-1-5-EARLY", "“{where}”为 {value}，早于 {year} 年。", _LOOK),
    error("GD-1-5-AFTER-ARCHIVING", "“{where}”为 {value}，晚于归档日期 {archived}。", _DESCRIBE),
    error("GD-1-5-YEAR", "“{where}”为 {value}，早于成文日期 {date}。", _DESCRIBE),
    warning("GD-1-5-YEAR-LATER", "“{where}”为 {value}，与成文日期 {date} 不在同一年。", "按办结年度归档的属正常；否则请更正。"),
    error("GD-1-5-PAGES", "“{where}”为 {value}，超过 {limit}。", _DESCRIBE),
    warning("GD-1-5-ORDER", "处理过程中“{where}”的日期 {after} 早于前一环节的日期 {before}。", _LOOK),
    error("GD-1-5-SECRECY", "“{where}”为 {value}，超过该密级的上限 {limit} 年。", _DESCRIBE),
    error("GD-1-6-BROKEN", "“{where}”含有控制字符或乱码字符（{character}）。", _DESCRIBE),
    warning("GD-1-6-UNSEEN", "“{where}”含有不可见字符（{character}）。", _LOOK),
    warning("GD-1-6-PRIVATE", "“{where}”含有私用区字符（{character}），其他系统可能显示不出。", _LOOK),
    error("GD-1-6-MARKUP", "“{where}”含有网页标签或转义写法。", _DESCRIBE),
    warning("GD-1-6-SPACE", "“{where}”的首尾有空白。", _LOOK),
    warning("GD-1-6-NAME", "文件名“{where}”含有其他系统不能使用的字符。", "可以继续；存入时会换成安全写法，原名记在元数据中。"),
    error("GD-1-7-MISSING", "记录 {where} 还没有档号。", "请先整理并固定档号。"),
    error("GD-1-7-PART", "档号 {where} 中的{element}为“{part}”，著录为“{value}”。", "请核对档号与著录，更正其中一个。"),
    error("GD-1-8-CODE", "{label}与已有的重复：{where}（共 {count} 处）。", "请核对是否重复归档；不是的请更正。"),
    warning("GD-1-8-NUMBER", "{label}与已有的相同：{where}（共 {count} 处）。", _LOOK),
    warning("GD-1-8-IDENTITY", "{label}与已有的相同：{where}（共 {count} 处）。", _LOOK),
    warning("GD-1-8-ALIKE", "{label}与已有的相同：{where}（共 {count} 处）。", _LOOK),
    error("GD-1-9", "“{where}”的扩展名 {extension} 与实际格式 {format} 不符。", _TO_SENDER),
    error("GD-1-10-NAME", "文件“{where}”在元数据中登记的名称是“{declared}”。", _TO_SENDER),
    error("GD-1-10-SIZE", "“{where}”实有 {actual} 字节，登记为 {declared} 字节。", _TO_SENDER),
    error("GD-1-10-DIGEST", "“{where}”的 {algorithm} 摘要与登记的不一致。", "文件可能已被改动，请与送交部门核对后重新送交。"),
    error("GD-1-10-FORMAT", "“{where}”实际是 {actual}，登记为“{declared}”。", _TO_SENDER),
    warning("GD-1-10-FORMAT-UNKNOWN", "“{where}”登记的格式“{declared}”无法与实际格式对照。", _LOOK),
    error("GD-1-11-NO-CONTENT", "记录 {where} 没有任何内容文件。", "请补齐内容文件；仅有实体的请标为“仅实体”。"),
    error("GD-1-11-MISSING", "元数据所指的文件“{where}”不存在。", _TO_SENDER),
    error("GD-1-11-OUTSIDE", "元数据所指的位置“{where}”在包外。", _TO_SENDER),
    error("GD-1-11-UNREFERENCED", "文件“{where}”没有被任何元数据引用。", "请核对它属于哪一件，或是否应当归档。"),
    error("GD-1-12", "{where} 的说明文件记 {stated} 件，目录有 {listed} 条。", _TO_SENDER),
    error("GD-1-14", "{where} 与送交时的清单不一致。", "包可能在传送中受损，请重新送交。"),
    # 2 完整性
    error("GD-2-1", "登记 {declared} 件，实有 {actual} 件。", "请与送交部门核对件数。"),
    error("GD-2-2", "登记 {declared} 字节，实有 {actual} 字节。", "请与送交部门核对数据量。"),
    error("GD-2-3", "元数据缺少“{where}”一项。", "请补齐这一项。"),
    error("GD-2-4", "必填项“{where}”为空。", "请补填这一项。"),
    warning("GD-2-5", "{where}的处理过程缺少：{acts}。", _LOOK),
    warning("GD-2-5-NONE", "记录 {where} 没有发文或收文的处理过程信息。", _LOOK),
    warning("GD-2-5-INCOMPLETE", "处理过程“{where}”缺少办理人或时间。", _LOOK),
    error("GD-2-6", "编号范围 {where} 中断号：{numbers}。", "请补齐，或写明空号说明。"),
    error("GD-2-6-TWICE", "编号范围 {where} 中重号：{numbers}。", "请更正重号。"),
    error("GD-2-6-BEFORE", "编号范围 {where} 中有小于起始号 {first} 的号：{numbers}。", "请核对起始号。"),
    warning("GD-2-6-RESERVED", "编号范围 {where} 中已定号、尚未归档：{numbers}。", "归档完成后会自动消除。"),
    error("GD-2-7-NO-MAIN", "记录 {where} 没有正本。", "请补齐正本，或在著录中指明哪一份是正本。"),
    error("GD-2-7-EMPTY", "“{where}”是空文件（0 字节）。", _TO_SENDER),
    error("GD-2-7-NO-PAGES", "“{where}”没有一页内容。", _TO_SENDER),
    warning("GD-2-7-PAGE-COUNT", "“{where}”著录为 {described}，文件实有 {actual} 页。", _LOOK),
    error("GD-2-8", "正文列有 {named} 个附件，实有 {there} 个。", "请补齐附件。"),
    warning("GD-2-8-MORE", "正文列有 {named} 个附件，实有 {there} 个。", _LOOK),
    warning("GD-2-9", "记录 {where} 不在归档范围内。", "请核对是否应当归档。"),
    error("GD-2-10", "信息包的元数据缺少“{where}”一项。", _TO_SENDER),
    error("GD-2-11", "{where} 的元数据记 {declared} 个文件，实有 {actual} 个。", _TO_SENDER),
    # 3 可用性
    error("GD-3-1", "记录 {where} 的元数据文件不能解析。", _TO_SENDER),
    error("GD-3-2", "记录 {where} 从数据库读回的元数据与信息包不一致。", "请停止使用此记录，由系统管理员检查数据库。"),
    error("GD-3-3", "“{where}”的格式（{format}）不在本环节接受的格式之列。", "请转换为 OFD 或 PDF 后重新送交，原件可一并附上。"),
    error("GD-3-3-UNKNOWN", "“{where}”的格式（{format}）未能识别或不在格式表中。", "请人工判明；需要归档的请附转换件。"),
    error("GD-3-3-EXTENSION", "“{where}”的扩展名 {extension} 与实际格式 {format} 不符。", "请核对文件是否被改名。"),
    error("GD-3-4-NOT-READ", "“{where}”尚未读取，不能判断是否可读。", "请重新检测。"),
    warning("GD-3-5", "“{where}”的格式（{format}）不宜长期保存，宜转为{target}。", "请转换后与原件一并保存。"),
    error("GD-3-8", "“{where}”是不许归档的格式（{format}）。", "请去除，或转换为可归档的格式后重新送交。"),
    # 4 安全性
    error("GD-4-1", "杀毒引擎不可用。", "请系统管理员启动杀毒引擎后重新检测。"),
    error(
        "GD-4-1-OLD",
        "杀毒引擎 {where} 的病毒库日期为 {date}，已 {days} 天未更新（上限 {limit} 天）。",
        "请系统管理员更新病毒库后重新检测。",
    ),
    error("GD-4-2", "“{where}”查出病毒：{name}。", "请勿打开；由送交部门清除后重新送交。"),
    error("GD-4-2-NOT-SCANNED", "“{where}”没有经过病毒检测。", "请在杀毒引擎可用后重新检测。"),
    error("GD-4-3", "有清单之外的文件：“{where}”。", "请核对是否应当归档，不应归档的请去除。"),
    error("GD-4-7", "{where} 的操作记录不完整或校验不通过。", "请停止操作，由安全审计员核查。"),
)

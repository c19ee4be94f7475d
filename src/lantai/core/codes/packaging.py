"""Codes of packages, containers and catalogues."""

from lantai.core.codes.row import Code, error, fault, refusal, warning

ROWS: tuple[Code, ...] = (
    # record.xml
    refusal(
        "RECORD-XML-INVALID",
        "这份 record.xml 不是可识别的记录描述（{reason}）。",
        safe="文件原样未动。",
        next="请用其他副本恢复这件档案，或确认软件版本是否过旧。",
        http=422,
    ),
    # filing packages 归档信息包
    error("FILING-METADATA-MISSING", "归档信息包 {where} 中没有基本信息元数据。", "请形成单位补齐元数据后重新送交。"),
    error("FILING-METADATA-UNREADABLE", "无法读取 {where}：{reason}。", "请形成单位重新生成此文件。"),
    error("FILING-METADATA-TOO-LARGE", "{where} 超过 {limit} 字节，未读取。", "请形成单位检查此文件。"),
    error("FILING-CONTENT-MISSING", "归档信息包 {where} 中没有任何内容文件。", "请形成单位补齐正本后重新送交。"),
    warning("FILING-MAIN-MISSING", "归档信息包 {where} 中没有正本。", "请核对是否漏送正本。"),
    warning(
        "FILING-MANIFEST-MISSING", "归档信息包 {where} 没有文件清单，无法核对送交时的摘要。", "可以接收；建议形成单位今后随包提供清单。"
    ),
    error("FILING-MANIFEST-INVALID", "清单 {where} 第 {line} 行无法识别：{text}", "请形成单位重新生成清单。"),
    error("FILING-FILE-MISSING", "清单或元数据列有 {where}，包中没有这个文件。", "请形成单位补送此文件。"),
    error("FILING-FILE-EXTRA", "包中有 {where}，清单没有列出。", "请形成单位核对此文件是否应随件归档。"),
    error("FILING-PATH-UNSAFE", "清单或元数据中的路径 {where} 指向包外，已忽略。", "请形成单位重新生成此包。"),
    error("FILING-SPECIAL", "{where} 不是普通文件（如管道、设备），未读取。", "请形成单位以普通文件送交。"),
    error("FILING-FOLDER-UNREADABLE", "无法读取包内文件夹 {where}：{reason}。", "请检查文件夹权限或介质后重新送交。"),
    error("FILING-LINK", "{where} 是链接而不是文件，未读取。", "请形成单位以实际文件代替链接。"),
    warning("FILING-AGENT-UNKNOWN", "业务行为 {where} 的机构人员 {agent} 在包中没有说明。", "请核对处理过程元数据。"),
    # catalogues 目录
    error("CATALOGUE-UNREADABLE", "无法读取目录 {where}：{reason}。", "请另存为 xlsx 或 UTF-8 的 csv 后重新导入。"),
    error("CATALOGUE-EMPTY", "目录 {where} 中没有数据行。", "请检查导入的文件。"),
    error("CATALOGUE-HEADINGS-UNKNOWN", "目录 {where} 的首行没有可识别的列名。", "首行应为列名，如 题名、文号、责任者、日期。"),
    warning("CATALOGUE-HEADING-REPEATED", "目录中列名“{where}”出现多次，只有第一列作为著录项，其余保留在原始数据中。", "请核对列名。"),
    error("CATALOGUE-TITLE-MISSING", "目录第 {where} 行没有题名。", "请补写题名。"),
    error("CATALOGUE-FILE-MISSING", "目录第 {row} 行列出的文件 {where} 不存在。", "请补齐文件，或修改目录。"),
    error("CATALOGUE-FILE-UNSAFE", "目录第 {row} 行的文件路径 {where} 指向目录之外，已忽略。", "请改为相对目录文件的路径。"),
    error("CATALOGUE-FILE-TWICE", "目录第 {row} 行的文件 {where} 已归入另一行，没有重复取用。", "请核对是哪一行的文件。"),
    warning("CATALOGUE-CELLS-EXTRA", "目录第 {where} 行的单元格多于列名，多出的 {count} 格保留在原始数据中。", "请检查此行是否错列。"),
    # proof.json
    error("PROOF-UNREADABLE", "{where} 不是可识别的存证文件（{reason}）。", "请从其他副本取回存证文件。"),
    error("PROOF-FILE-ALTERED", "文件 {where} 与存证时不一致。", "请立即停止使用此文件，从其他副本恢复并查明原因。"),
    error("PROOF-FILE-MISSING", "存证列有文件 {where}，现在没有。", "请从其他副本恢复此文件。"),
    error("PROOF-FILE-EXTRA", "文件 {where} 不在存证之内。", "请查明此文件的来历。"),
    error("PROOF-LEAF-DIFFERS", "存证中的叶值与所列摘要不符。", "存证文件已被改动，请从其他副本取回。"),
    error("PROOF-PATH-BROKEN", "存证的路径不能通到批次根值。", "存证文件已被改动，请从其他副本取回。"),
    error("PROOF-SIGNATURE-INVALID", "{where} 签名验证不通过。", "存证文件已被改动，请从其他副本取回。"),
    error("PROOF-SIGNATURE-MISSING", "存证中没有签名。", "请从其他副本取回存证文件。"),
    error("PROOF-RENEWAL-INVALID", "换用 {digest} 的证明不成立。", "请安全审计员核查：存证文件或账本里的新证明被改动过。"),
    error("PROOF-STAMP-INVALID", "批次根的时间戳不成立：{reason}。", "请安全审计员核查：账本里的时间戳或存证文件被改动过。"),
    error("PROOF-KEY-FOREIGN", "存证由密钥 {where} 签名，不是本系统所持有的密钥。", "请核对密钥指纹；若曾更换密钥，请用旧密钥的公钥验证。"),
    # containers 压缩包
    error("CONTAINER-DAMAGED", "压缩包“{where}”已损坏，无法继续展开：{detail}。", "已展开的文件不受影响；请来源单位重新提供压缩包。"),
    error("CONTAINER-UNSUPPORTED", "不支持展开“{where}”（{detail}）。", "请改用 zip、tar 或 tar.gz 重新提供。"),
    warning("CONTAINER-EMPTY", "压缩包“{where}”中没有文件。", "请核对来源。"),
    error("CONTAINER-PATH-ESCAPES", "压缩包内“{where}”的路径指向目录之外，没有展开。", "请核对来源是否可信。"),
    error("CONTAINER-NAME-INVALID", "压缩包内“{where}”的名称无效，没有展开。", "请来源单位更正文件名后重新提供。"),
    error("CONTAINER-NAME-TWICE", "压缩包内“{where}”与其他条目重名，没有展开。", "请来源单位更正文件名后重新提供。"),
    error("CONTAINER-LINK", "压缩包内“{where}”是链接，没有展开。", "请来源单位以实际文件代替链接。"),
    error("CONTAINER-SPECIAL", "压缩包内“{where}”是特殊设备文件，没有展开。", "请核对来源是否可信。"),
    error("CONTAINER-ENTRY-ENCRYPTED", "压缩包内“{where}”已加密，没有展开。", "请提供未加密的文件。"),
    error(
        "CONTAINER-METHOD-UNSUPPORTED", "压缩包内“{where}”的压缩方法（{method}）不受支持，没有展开。", "请用常用的 deflate 方法重新压缩。"
    ),
    error("CONTAINER-ENTRY-DAMAGED", "压缩包内“{where}”已损坏，没有展开：{detail}。", "请来源单位重新提供此文件。"),
    error("CONTAINER-OVERLAP", "压缩包内“{where}”与其他条目的数据重叠，没有展开。", "请核对来源是否可信。"),
    error("CONTAINER-HEADER-DIFFERS", "压缩包内“{where}”自己的说明与目录不一致，没有展开。", "请核对来源是否可信。"),
    warning("CONTAINER-HIDDEN", "压缩包“{where}”中有 {count} 处目录没有列出的条目，没有展开。", "请核对来源是否可信。"),
    warning("CONTAINER-NAME-CASE", "压缩包内“{where}”与其他条目只差大小写，两者都已展开。", "请核对是否同一文件。"),
    warning("CONTAINER-NAME-RESERVED", "压缩包内“{where}”的名称在有的系统上不能用，已照原样展开。", "请核对名称；交给别的系统之前宜改名。"),
    error("CONTAINER-RATIO", "压缩包内“{where}”展开后超过压缩前的 {limit} 倍，没有展开。", "请核对来源；确属正常时由系统管理员调高上限。"),
    error("CONTAINER-TOO-LARGE", "“{where}”展开后超过上限（{limit} 字节），没有展开。", "请分批提供，或由系统管理员调高上限。"),
    error("CONTAINER-TOO-MANY-ENTRIES", "压缩包“{where}”中的文件超过 {limit} 个，其余没有展开。", "请分批提供，或由系统管理员调高上限。"),
    error("CONTAINER-TIMEOUT", "展开压缩包“{where}”超过 {seconds} 秒，其余没有展开。", "请分批提供，或由系统管理员调高上限。"),
    fault("CONTAINER-NOT-WRITTEN", "展开的文件“{where}”无法写入磁盘：{detail}。", "压缩包没有改动。", "请检查磁盘空间和权限后重试。"),
)

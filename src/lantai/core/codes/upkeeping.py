"""Codes of preservation runs, the register of finished documents and hand-over lists."""

from lantai.core.codes.row import Code, error, fault, info, refusal, warning

_PRESERVE: tuple[Code, ...] = (
    error("PRESERVE-DAMAGED", "保存检测发现库内字节与归档时不一致。", "请勿再写入，从副本恢复这一件，查明原因后再做一次保存检测。"),
    fault(
        "PRESERVE-VAULT-AWAY",
        "保存检测停下：连续 {count} 件在档案库里都找不到，可能是磁盘没有挂上（{where}）。",
        "没有把任何一件记作损坏，已检的结果都在。",
        "请系统管理员检查档案库所在磁盘，系统会自动再试；也可以在“保存检测”里继续。",
    ),
    refusal("PRESERVE-RUN-UNKNOWN", "没有保存检测 {where}。", "", "请从保存检测列表中选择。", http=404),
    refusal("PRESERVE-STATE", "{where} 现在是“{state}”，不能{act}。", "没有任何改动。", "请刷新后再看。"),
    refusal("PRESERVE-NOTHING", "这个范围里没有在库的档案可检。", "没有开始检测。", "请放宽范围。", http=422),
    refusal("PRESERVE-SHARE", "抽检比例“{where}”须是 1 到 100 的整数。", "没有任何改动。", "请改正后再试。", http=422),
    refusal("PRESERVE-PLAN", "检测计划缺少或写错：{where}。", "没有任何改动。", "请补全后再试。", http=422),
    refusal("PRESERVE-PLAN-UNKNOWN", "没有在用的检测计划 {where}。", "没有任何改动。", "请刷新后再看。", http=404),
    warning("PRESERVE-NOT-READ", "{where} 没有能检：{reason}", "没有检的不算通过；请排除故障后再检。"),
)
_REGISTER: tuple[Code, ...] = (
    refusal("REGISTER-UNREADABLE", "办结登记 {where} 读不出来：{reason}。", "没有任何改动。", "请另存为 xlsx 或 CSV 再导入。", http=422),
    refusal("REGISTER-CHANGED", "“{where}”刚被他人改动。", "您的改动没有保存。", "请刷新后再看。"),
    refusal("REGISTER-UNKNOWN", "办结登记里没有这一条（{where}）。", "没有任何改动。", "请刷新后再看。", http=404),
    refusal("REGISTER-REASON", "判定不应归要选一条理由并写明情况。", "没有任何改动。", "理由取自国家档案局令第 8 号第四条。", http=422),
    refusal("REGISTER-FILED", "“{where}”已经归档，不能判定为不应归。", "没有任何改动。", "对应有误的，请先撤销对应。"),
    refusal("REGISTER-MATCH", "{where} 不能作为这一条的对应。", "没有任何改动。", "请选同一部门的一件在办或在库的档案。", http=422),
    error("REGISTER-TITLE-MISSING", "第 {where} 行没有题名，未登记。", "请补上题名后再导入；这一行原样保留。"),
    error("REGISTER-DATE-UNREADABLE", "第 {where} 行的{name}“{value}”读不出日期，未登记。", "请写作 20250312 这样的日期。"),
    error("REGISTER-DATE-MISSING", "第 {where} 行没有办结日期，也没有成文日期，定不了归档年度，未登记。", "请补上日期后再导入。"),
    error("REGISTER-ROW-REPEATED", "第 {where} 行与第 {first} 行是同一份文件而内容不同，未登记。", "请在来源处核对，保留一行。"),
    error("REGISTER-DEPARTMENT-UNKNOWN", "第 {where} 行的部门“{value}”不在本单位部门表里，未登记。", "请改成部门表里的名称或代码。"),
    error("REGISTER-DEPARTMENT-OTHER", "第 {where} 行不是本部门的文件，未登记。", "令牌只限一个部门；请由那个部门的系统或档案员登记。"),
    refusal(
        "REGISTER-DELIVERY-DIFFERS",
        "批号“{where}”送过，内容与这一次不同。",
        "先前登记的没有改动，这一次的没有登记。",
        "改了内容请换一个批号；重送须原样。",
        http=409,
    ),
    refusal("REGISTER-DELIVERY-BUSY", "批号“{where}”正在另一个请求里登记。", "这一次没有登记。", "请过几秒原样再送，答复相同。"),
    refusal("REGISTER-DELIVERY-UNKNOWN", "没有用批号“{where}”送来的登记。", "没有任何改动。", "没有收到答复的请原样再送。", http=404),
    error("REGISTER-SECRET", "第 {where} 行标有密级，不能登记在非涉密系统里，内容没有保留。", "请按涉密文件归档办理。"),
    error("REGISTER-TOO-LONG", "第 {where} 行的{name}过长，未登记。", "请核对这一行是否错列。"),
    info("REGISTER-ROW-SAME-TWICE", "第 {where} 行与第 {first} 行相同，只登记一次。"),
    warning("REGISTER-SAID-NOT", "第 {where} 行在来源处记为不归档（{value}），仍按应归登记，请人判定。"),
)
_HANDOVER: tuple[Code, ...] = (
    refusal("HANDOVER-UNKNOWN", "没有移交清单 {where}。", "", "请刷新后再看。", http=404),
    refusal("HANDOVER-EMPTY", "移交清单里没有一件。", "没有任何改动。", "请先选出要移交的档案。", http=422),
    refusal(
        "HANDOVER-RECORDS",
        "{count} 件不能列入这份清单：不属于该部门、已退回，或已在另一份清单里。",
        "没有任何改动。",
        "请重新选择。",
        http=422,
    ),
    refusal("HANDOVER-STATE", "移交清单 {where} 现在是“{state}”，不能{act}。", "没有任何改动。", "请刷新后再看。"),
    refusal("HANDOVER-SAME-PERSON", "交方和收方须是两个人，您已经以另一方签过。", "移交清单没有改动。", "请另一方本人登录签署。"),
    refusal(
        "HANDOVER-CHANGED",
        "清单所列档案在签署前有变动，{voided}清单已按现状更新。",
        "没有签上。",
        "请双方核对更新后的清单，再依次签署。",
    ),
    refusal("HANDOVER-COUNT", "签署要键入清单的件数，您键入的是“{where}”，清单现有 {count} 件。", "没有签上。", "请核对后再签。", http=422),
)

_COPIES: tuple[Code, ...] = (
    refusal("REPLICA-ADDRESS", "“{where}”不能用作档案库、副本或介质的地址（{reason}）。", "没有任何改动。", "请改正后再试。", http=422),
    refusal("REPLICA-KNOWN", "名称或地址已在使用：{where}。", "没有任何改动。", "请换一个名称和地址。", http=409),
    refusal("REPLICA-UNKNOWN", "没有副本 {where}。", "没有任何改动。", "请从副本列表中选择。", http=404),
    fault(
        "REPLICA-OTHER",
        "{where} 处接着的不是“{name}”，是{other}。",
        "没有读写那里的内容，也没有把任何一件记作缺失。",
        "请接上“{name}”再试；接在别的文件夹的，用 --at 写明。",
        is_retryable=False,
    ),
    refusal("AUDIT-UNKNOWN", "没有固化核验 {where}。", "没有任何改动。", "请从核验列表中选择。", http=404),
    refusal("AUDIT-STATE", "{where} 现在是“{state}”，不能{act}。", "没有任何改动。", "请刷新后再看。"),
    refusal("AUDIT-NOTHING", "{where} 里没有可核验的。", "没有开始核验。", "请先写入副本。", http=422),
    refusal("MEDIUM-FIELD", "离线介质缺少或写错：{where}。", "没有任何改动。", "请补全后再试。", http=422),
    refusal(
        "COPY-NO-GOOD-ONE",
        "{where} 没有一份完好的副本可用来修复。",
        "没有任何改动，损坏的字节原样保留。",
        "请接上离线介质后再试，或从备份恢复。",
    ),
    fault(
        "COPY-SOURCE-DAMAGED",
        "{where} 在主库里的字节与清单不符，或已不是归档的那一份，没有写进副本。",
        "副本里没有写入坏的字节，其余各件照常写入。",
        "请先修复主库里的这一件。",
        is_retryable=False,
    ),
    error("COPY-DAMAGED", "“{place}”里的 {where} 与清单不符。", "请用完好的副本修复。"),
    error(
        "COPY-REPLACED",
        "“{place}”里的 {where} 自身完整，却不是账本所记归档的那一份，可能被换成了旧版本，或另写过。",
        "请用完好的副本修复，并请安全审计员查明原因。",
    ),
    error(
        "COPY-VERSION-UNKNOWN",
        "“{place}”里的 {where} 多出一个账本没有记的版本。",
        "请安全审计员查明它的来历；系统不会自行删除。",
    ),
    error("COPY-ROOT-ALTERED", "“{place}”根目录里的说明文件 {where} 不在，或与本版所写的不同。", "请运行 lantai fsck --repair 重写它。"),
    error("COPY-GONE", "“{place}”里没有 {where}。", "请用完好的副本修复。"),
    error("COPY-UNMENDED", "“{place}”里的 {where} 没有修好：{reason}", "请按原因处理后再运行一次。"),
    error("COPY-STRAY", "“{place}”里有 {where}，没有一件档案对应它。", "请查明它的来历；系统不会自行删除。"),
    error("COPY-DISAGREES", "{where} 在“{place}”的清单与别处的不同。", "请核验这一件，查明哪一份是归档时的。"),
)
ROWS: tuple[Code, ...] = (*_COPIES, *_PRESERVE, *_REGISTER, *_HANDOVER)

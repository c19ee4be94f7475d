"""Codes of the vault, the index and the ledger."""

from lantai.core.codes.row import Code, error, fault, refusal

_INDEX: tuple[Code, ...] = (
    fault(
        "INDEX-BUSY",
        "检索库正由另一进程写入：{where}。",
        "档案与数据库没有改动，待写入的条目仍在排队。",
        "请稍后再试；只应有一个后台进程写检索库。",
    ),
    fault(
        "INDEX-DAMAGED",
        "检索库无法读取：{where}。",
        "检索库可以由库内封装重建，档案不受影响。",
        "请运行 lantai rebuild 重建检索库。",
        is_retryable=False,
    ),
    fault(
        "INDEX-WRITE-FAILED",
        "检索库写入失败：{where}。",
        "检索库停在上一次写成的状态，待写入的条目仍在排队。",
        "请检查磁盘空间与目录权限后再试。",
    ),
)

_VAULT: tuple[Code, ...] = (
    fault(
        "STORE-FULL",
        "磁盘空间不足，没有写完（{where}）。",
        safe="已写好的档案未受影响；没写完的不算数，来源原样未动。",
        next="请扩充磁盘空间后重试。",
    ),
    fault(
        "STORE-READ-ONLY",
        "磁盘是只读的，没有写入（{where}）。",
        safe="已写好的档案未受影响，来源原样未动。",
        next="请系统管理员检查磁盘后重新挂载为可写。",
    ),
    fault("STORE-DENIED", "没有读写档案库 {where} 的权限。", safe="已在库中的档案未受影响。", next="请系统管理员把此目录授权给服务账户。"),
    fault(
        "STORE-DAMAGED",
        "读写 {where} 时出错，或回读的内容与写入的不一致。",
        safe="这一次没写好的不算数，来源原样未动。",
        next="请系统管理员检查磁盘，并核验那里的档案。",
    ),
    fault(
        "STORE-FAILED",
        "档案库操作 {where} 失败（{reason}）。",
        safe="已在库中的档案未受影响。",
        next="请稍后重试；若仍失败，请系统管理员检查磁盘。",
    ),
    fault(
        "STORE-CONFLICT",
        "库中已有 {where} 的第 {version} 版，内容与要写入的不同，未覆盖。",
        safe="库中的版本未受影响。",
        next="请核对这件档案是否已经归档。",
        is_retryable=False,
    ),
    fault(
        "STORE-VERSION-GAP",
        "{where} 要写入第 {version} 版，库中最新是第 {head} 版，未写入。",
        safe="库中的版本未受影响。",
        next="请核对这件档案的版本。",
        is_retryable=False,
    ),
    fault(
        "STORE-BUSY",
        "{where} 正由另一个进程写入，这一次没有写。",
        safe="库中的版本未受影响。",
        next="系统会自动再试；若那个进程已经中断，五分钟后即可接着写。",
    ),
    fault(
        "STORE-AWAY",
        "{where} 处没有档案库，可能是磁盘没有挂上或地址不对。",
        safe="没有写入任何内容，也没有把任何一件记作缺失。",
        next="请系统管理员挂上磁盘或核对地址，系统会自动再试。盘确已坏了而别处有副本的，换上新盘后运行 lantai fsck --repair --anew。",
    ),
    fault(
        "STORE-CREDENTIALS",
        "没有可用的凭据访问存储桶 {where}（{reason}）。",
        safe="没有写入任何内容。",
        next="请系统管理员在凭据文件或环境变量里写明密钥。",
        is_retryable=False,
    ),
    fault(
        "STORE-LOCK",
        "存储桶 {where} 没有能锁定写入的内容（{reason}）。",
        safe="内容已写入并读回核对，只是还没有锁定。",
        next="请系统管理员核对存储桶是否开了对象锁定；不需要锁定的，从地址里去掉 lock_days。",
    ),
    refusal(
        "MOVE-UNDER-WAY",
        "档案库正在迁往 {where}。",
        safe="档案库仍在原处，照常使用。",
        next="请接着迁到那里，或先用 lantai migrate-store cancel 停下。",
    ),
    refusal("MOVE-SAME-PLACE", "档案库已经在 {where}。", next="不需要迁移。"),
    refusal("MOVE-NONE", "没有正在进行的迁移，也没有迁移留下的旧处。", next="用 lantai migrate-store status 看档案库在哪里。"),
    refusal(
        "MOVE-OLD-IN-USE",
        "{where} 与现在的主库或一份副本是同一处，不能当作旧处删除。",
        safe="没有删除任何内容。",
        next="请用 lantai migrate-store status 和 lantai replica list 看各处在哪里；不再用的副本先停用。",
    ),
    refusal(
        "MOVE-TAKEN",
        "{where} 已有档案库或是一份副本，不能作为迁移的目标。",
        safe="没有写入任何内容。",
        next="请换一个空的文件夹或前缀。",
    ),
    refusal(
        "MOVE-VARIABLES",
        "档案库的位置由变量 {where} 给出，迁移完不能切换设置。",
        safe="没有写入任何内容。",
        next="请把它们写进 lantai.toml，去掉变量，重新启动后再迁移。",
    ),
    fault("STORE-ABSENT", "库中没有 {where}。", next="请核验档案库；若确已缺失，请从副本恢复。", is_retryable=False),
    fault(
        "STORE-FOREIGN",
        "{where} 已有内容，但不是兰台的档案库，未作改动。",
        safe="其中的文件未受影响。",
        next="请更换数据目录，或移走其中的文件。",
        is_retryable=False,
    ),
    fault(
        "STORE-SPLIT",
        "{where} 与旁边的暂写目录 {aside} 不在同一个文件系统上，不能整件写入。",
        safe="没有写入任何内容。",
        next="请把磁盘挂载在数据目录上，不要只挂载在 vault 目录上。",
        is_retryable=False,
    ),
)

_SIGNING: tuple[Code, ...] = (
    fault("SIGNER-KEYS-MISSING", "签名密钥 {where} 不存在。", next="请运行 lantai init 建立密钥，或从备份恢复。", is_retryable=False),
    fault("SIGNER-KEYS-UNREADABLE", "签名密钥 {where} 无法读取（{reason}）。", next="请从备份恢复密钥。", is_retryable=False),
    refusal("SIGNER-KEYS-EXIST", "{where} 中已有签名密钥，未重新生成。", safe="现有密钥未动。", next="继续使用现有密钥即可。"),
)

_STAMPS: tuple[Code, ...] = (
    fault(
        "STAMP-NOT-SET",
        "没有设置时间戳服务。",
        "签名和账本不受影响，界面写明未加盖时间戳。",
        "请在 lantai.toml 写 tsa，再重新启动。",
        is_retryable=False,
    ),
    fault(
        "STAMP-NO-ANSWER",
        "时间戳服务 {where} 没有答复（{reason}）。",
        "归档、签名和账本不受影响，批次根先记为未加盖时间戳。",
        "后台隔几分钟再试；若一直没有答复，请系统管理员检查网络与地址。",
    ),
    fault(
        "STAMP-REFUSED",
        "时间戳服务 {where} 没有给时间戳（{reason}）。",
        "归档、签名和账本不受影响，批次根先记为未加盖时间戳。",
        "请系统管理员核对服务的账户、期限和接受的摘要算法（tsa_digests）。",
    ),
    fault(
        "STAMP-INVALID",
        "时间戳服务 {where} 给的时间戳不成立（{reason}），没有采用。",
        "归档、签名和账本不受影响，批次根先记为未加盖时间戳。",
        "请系统管理员核对地址和受信任的根证书（tsa_certificates）。",
    ),
)

_LEDGER: tuple[Code, ...] = (
    fault(
        "LEDGER-TILE-MISSING",
        "账本日志缺少文件 {where}。",
        "事件仍在数据库中，没有继续封存。",
        "请安全审计员运行 lantai ledger verify 查明缺哪一段，再从副本恢复此文件。",
        is_retryable=False,
    ),
    fault(
        "LEDGER-TILE-BROKEN",
        "账本日志的文件 {where} 不完整。",
        "事件仍在数据库中，没有继续封存。",
        "请安全审计员运行 lantai ledger verify 查明，再从副本恢复此文件。",
        is_retryable=False,
    ),
    fault(
        "LEDGER-BROKEN",
        "账本日志 {where} 与第 {size} 条时签署的检查点不符，可能被改动过。",
        "没有在它后面继续封存；新的事件仍照常写入数据库。",
        "请安全审计员运行 lantai ledger verify，查明从哪一条起不符。",
        is_retryable=False,
    ),
    fault(
        "LEDGER-DATABASE-OLD",
        "账本日志 {where} 已封存 {size} 条，数据库里的检查点只到第 {known} 条：数据库可能被换成了旧的。",
        "没有继续封存，日志和数据库都没有改动。",
        "若刚恢复过备份，请一并恢复较新的数据库；否则请安全审计员查明。",
        is_retryable=False,
    ),
    fault(
        "LEDGER-SIGNED-OTHERWISE",
        "这里（{where}）最近签到账本第 {size} 条，现在的账本接不上：{reason}。账本可能被改写或换成了旧的。",
        "没有签署，数据库和日志都没有改动；新的事件仍照常写入数据库。",
        "请安全审计员运行 lantai ledger verify，对照见证处和登记簿上的指纹查明；确是有意退回的，移走该处的 last-signed。",
        is_retryable=False,
    ),
    refusal(
        "LEDGER-WOUND-BACK",
        "见证处 {where} 见过第 {known} 条，账本现在只有 {size} 条：账本可能被换成了旧的。",
        "见证处的记录没有改动。",
        "请安全审计员对照见证处的检查点查明。",
    ),
    refusal(
        "LEDGER-FORKED",
        "见证处 {where} 在第 {known} 条时见到的账本与现在的不是同一本。",
        "见证处的记录没有改动。",
        "请安全审计员对照见证处的检查点查明。",
    ),
    refusal("LEDGER-BUSY", "账本正在封存（{where}），此刻不能重写日志旁的文件。", "没有任何改动。", "封存只要几秒，请稍后再试。", 409),
    refusal("LEDGER-NOT-SEALED", "{where} 还没有封存，暂时给不出证明。", "事件已经写入账本。", "封存每隔几秒进行一次，请稍后再试。", 409),
    refusal("EXCERPT-EMPTY", "没有符合条件（{where}）而已封存的事件。", "什么也没有导出。", "请放宽条件；刚发生的事件几秒后封存。", 404),
    refusal("EXCERPT-TOO-LONG", "符合条件（{where}）的有 {count} 条，一次最多导出 {most} 条。", "什么也没有导出。", "请按日期分几次导出。"),
    refusal("RENEW-DIGEST-UNKNOWN", "不认识的摘要 {where}，可以换用 {known}。", "现有证明没有改动。"),
    refusal("EVIDENCE-NOT-ARCHIVED", "{where} 还没有归档，没有可以出具的证据包。", next="归档以后再出具。"),
    refusal("EVIDENCE-EXISTS", "{where} 已经存在，没有覆盖。", "已有的文件没有改动。", "请换一个文件夹，或先移走它。"),
    error("LEDGER-EVENT-ALTERED", "数据库里第 {where} 条事件与封存的不同：{reason}。", "请以日志为准查明谁改动了数据库。"),
    error("LEDGER-EVENT-MISSING", "数据库里没有封存过的第 {where} 条事件（{reason}）。", "请从备份恢复数据库，并查明原因。"),
    error("LEDGER-EVENT-EXTRA", "数据库里的事件 {where} 占着没有封存过的位置。", "请查明它的来历。"),
    error("LEDGER-PAYLOAD-ALTERED", "第 {where} 条事件的内容与其摘要不符（{reason}）。", "请从备份恢复，并查明原因。"),
    error("LEDGER-PAYLOAD-MISSING", "第 {where} 条事件的内容不见了（{reason}）。", "应长期保存的内容不会到期，请从备份恢复。"),
    error("LEDGER-ENTRY-ALTERED", "日志里第 {where} 条与封存时的散列不符。", "数据库里的这一条没有问题，请从副本恢复日志文件。"),
    error("LEDGER-HASH-ALTERED", "日志里第 {where} 条的散列被改动。", "请从副本恢复日志文件。"),
    error("LEDGER-LOG-DIFFERS", "日志里第 {where} 条与它的散列对不上。", "不带 --tiles 再验一遍，与数据库对照，看是哪一个被改动。"),
    error("LEDGER-TILE-ALTERED", "日志的散列文件 {where} 与按条目重算的不符。", "请从副本恢复此文件。"),
    error("LEDGER-TILE-LOST", "日志文件 {where} 不见了或不完整。", "请从副本恢复此文件。"),
    error(
        "LEDGER-COPY-ALTERED",
        "日志旁的事件内容 {where} 与封存的不符：{reason}。",
        "数据库里的事件内容另行核对；它们相符时运行 lantai ledger recopy 重写此文件，并请安全审计员查明谁改动了它。",
    ),
    error(
        "LEDGER-COPY-MISSING",
        "日志旁的事件内容 {where} 缺少：{reason}。",
        "重建会用到它们。数据库里的事件内容相符时运行 lantai ledger recopy 补齐，并请安全审计员查明缺少的原因。",
    ),
    error("LEDGER-ROOT-DIFFERS", "第 {where} 条处的检查点与按条目重算的根不符。", "从上一个相符的检查点起逐条对照见证处的记录。"),
    error(
        "LEDGER-CHECKPOINT-GONE",
        "检查点 {where} 之前应是第 {before} 条的，数据库里却是第 {found} 条的。",
        "请从备份恢复，对照见证处的记录。",
    ),
    error("LEDGER-CHECKPOINT-UNREADABLE", "检查点 {where} 无法识别：{reason}。", "请从副本或见证处恢复。"),
    error("LEDGER-CHECKPOINT-UNSIGNED", "检查点 {where} 没有本机关密钥的有效签名（{reason}）。", "请查明是谁写入的。"),
    error("LEDGER-CHECKPOINT-DIFFERS", "检查点 {where} 的几处记载不一致：{reason}。", "请对照见证处的记录。"),
    error("LEDGER-STAMP-INVALID", "检查点 {where} 的时间戳不成立：{reason}。", "请对照见证处和登记簿上的指纹，查明账本从何时起被改写。"),
    error("LEDGER-KEY-UNKNOWN", "签名密钥 {where} 来历不明：{reason}。", "请查明是谁放进来的；更换密钥用 lantai ledger rotate。"),
    error("LEDGER-SIGNER-DIFFERS", "{where} 记着最近签署的检查点，与现在的账本对不上：{reason}。", "账本可能被改写或换成了旧的，请查明。"),
    error(
        "LEDGER-WITNESS-AWAY",
        "见证处 {where} 读不到（{reason}），{since}。",
        "没有它，账本整本换过看不出来。请系统管理员查明该处为什么不在、接回原来的那一份，并告知安全审计员；接回以后再验一遍账。",
    ),
    error("LEDGER-WITNESS-AHEAD", "见证处 {where} 见过的账本比现在的长：{reason}。", "账本可能被换成了旧的，请查明。"),
    error("LEDGER-WITNESS-DIFFERS", "见证处 {where} 见过的账本与现在的不同：{reason}。", "请查明账本从何时起被改写。"),
    error("LEDGER-WITNESS-BEHIND", "见证处 {where} 的记录比应有的旧：{reason}。", "见证处的文件可能被换成了旧的，或交付中断，请查明。"),
)

ROWS: tuple[Code, ...] = (
    *_INDEX,
    *_LEDGER,
    *_VAULT,
    *_SIGNING,
    *_STAMPS,
)

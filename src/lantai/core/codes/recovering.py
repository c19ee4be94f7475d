"""Codes of the state package, rebuilding, backup, restore and drills."""

from lantai.core.codes.row import Code, error, fault, refusal, warning

_TABLES: tuple[Code, ...] = (
    refusal("TABLES-UNREADABLE", "状态包 {where} 读不出来：{reason}。", "没有写入任何内容。", "请换用另一个状态包或备份。"),
    refusal("TABLES-DAMAGED", "状态包 {where} 与其清单或签名不符。", "没有据此写入任何内容。", "请换用另一个状态包或备份。"),
    error("TABLES-FILE-ALTERED", "{where} 的内容与清单所记摘要不符。"),
    error("TABLES-FILE-MISSING", "清单列有 {where}，但没有这个文件。"),
    error("TABLES-FILE-EXTRA", "{where} 不在清单里。"),
    error("TABLES-SIGNATURE-WRONG", "清单的签名 {where} 缺失、无效，或不是本单位的密钥所签。"),
    refusal("STATE-ABSENT", "{where} 里没有状态包。", "没有任何改动。", "请先运行 lantai state，或从备份还原。", http=404),
    error("STATE-GONE", "状态包 {where} 不见了，账本里记着它。", "重建要靠它：请运行 lantai state 重写一个，并查明原因。"),
    error("STATE-ALTERED", "状态包 {where} 不是账本所记的那一个。", "请运行 lantai state 重写一个，并查明原因。"),
    refusal("STATE-BUSY", "另一个进程正在写状态包（{where}）。", "没有任何改动。", "请等它写完。"),
)
_KEY: tuple[Code, ...] = (
    refusal(
        "RECOVERY-PASSPHRASE", "恢复口令不对。", "没有解封任何内容。", "请核对恢复口令后再试；没有口令，封存的密钥无法取出。", http=401
    ),
    refusal("RECOVERY-PASSPHRASE-SHORT", "恢复口令不足 {length} 个字符。", "没有任何改动。", "请用更长的口令，并另行妥善保管。", http=422),
    refusal("RECOVERY-PASSPHRASE-MISSING", "没有给出恢复口令。", "没有任何改动。", "请用 --passphrase-file 给出口令文件。", http=422),
    refusal("RECOVERY-SEALED-DAMAGED", "封存的密钥或口令摘要已损坏，不能解封。", "没有写入任何内容。", "请换用另一个备份。"),
    refusal(
        "RECOVERY-KEY-UNREADABLE",
        "恢复密钥 {where} 读不出来：{reason}。",
        "没有任何改动。",
        "请从备份取回 recovery.json，或重新设置恢复口令。",
    ),
    refusal(
        "RECOVERY-KEY-MISSING", "还没有设置恢复口令。", "没有开始备份。", "请先运行 lantai backup key 设置恢复口令，密钥才能封存进备份。"
    ),
)
_REBUILD: tuple[Code, ...] = (
    refusal("RECOVER-NEWER", "这是更新版本的兰台写的（{where}），本版本读不了。", "没有任何改动。", "请用同一版本或更新的版本。"),
    refusal("RECOVER-NOT-EMPTY", "{where} 里已有内容。", "没有任何改动。", "请给一个空目录；要替换现有的库，请先把它移开。"),
    refusal("RECOVER-UNFINISHED", "{where} 上一次恢复没有做完，不能使用。", "其中的内容不完整。", "请再次运行同一条恢复命令，会从头做起。"),
    refusal("REBUILD-NOTHING", "{where} 里没有可据以重建的档案库或账本。", "没有任何改动。", "请核对路径。", http=404),
    refusal(
        "REBUILD-LEDGER-SHORT",
        "账本日志只有 {held} 条，状态包记有 {known} 条已封存：日志缺了一段。",
        "没有任何改动。",
        "请先从备份取回 ledger 目录，再重建。",
    ),
    refusal("REBUILD-LEDGER-BROKEN", "账本日志与其检查点不符（{where}）。", "没有任何改动。", "请先从备份取回 ledger 目录，再重建。"),
    error("REBUILD-OBJECT-MISSING", "{where} 应在档案库里，但没有找到或读不出来。", "请从副本或备份恢复这一件，再做一次重建。"),
    error("REBUILD-ROW-DIFFERS", "{where} 由封装包重建的内容与状态包所记摘要不同。", "请核验这一件，查明哪一方有误。"),
    warning(
        "REBUILD-DERIVED",
        "这一件在最近一次状态包之后归档，已由封装包重建；批次、接收情况等封装包里没有的内容未能恢复。",
        "请核对这一件；没有疑问的，不必处理。",
    ),
)
_BACKUP: tuple[Code, ...] = (
    refusal("BACKUP-PLACE-MISSING", "没有写明备份到哪里。", "没有开始备份。", "请写明文件夹，或先在“备份与恢复”里定下计划。", http=422),
    refusal("BACKUP-PLACE-WRONG", "{where} 不能用作备份处：{reason}。", "没有任何改动。", "请另给一个文件夹。", http=422),
    fault(
        "BACKUP-AWAY",
        "备份处 {where} 不在：以前备份到这里，现在这里没有备份处，多半是盘没有挂上。",
        "没有写入任何内容，以前的备份在那块盘上，没有动过。",
        "请挂上盘再运行一次。盘确已坏了、换了新盘的，运行 lantai backup make {where} --anew 从头备份。",
    ),
    refusal(
        "BACKUP-OTHER",
        "{where} 里有另一套库的备份（{other}）。",
        "没有写入，也没有清除任何内容。",
        "请另给一个文件夹，或在存储桶里另给一个前缀：两套库放在一处，会按各自的份数清除对方的备份。",
    ),
    refusal(
        "BACKUP-SENT-OTHER",
        "{bucket} 里已有另一份备份用了同一个号 {where}。",
        "那里的一份没有动，这一份还在备份处。",
        "请再运行一次 lantai backup make，下一份的号不同，再送。",
    ),
    refusal("BACKUP-BUSY", "另一个进程正在备份（{where}）。", "没有任何改动。", "请等它做完。"),
    refusal("BACKUP-UNKNOWN", "备份处没有备份 {where}。", "没有任何改动。", "请用 lantai backup list 看有哪些。", http=404),
    refusal("BACKUP-NONE", "备份处 {where} 里还没有备份。", "没有任何改动。", "请先运行 lantai backup make。", http=404),
    refusal(
        "BACKUP-NONE-BEFORE",
        "备份处 {where} 里没有 {until} 以前的备份，最早的一份取于 {oldest}。",
        "没有任何改动。",
        "请把 --as-of 写晚一些，或用 --backup 写明备份号。",
        http=404,
    ),
    refusal(
        "BACKUP-DAMAGED",
        "备份 {where} 已损坏，列在下面。",
        "没有据此还原任何内容，这份备份原样未动。",
        "请用 --backup 写明另一个备份，并查明备份处的磁盘。",
    ),
    refusal(
        "BACKUP-SOUND",
        "备份 {where} 的清单完好，也没有核验出损坏，不单独删除。",
        "没有任何改动。",
        "完好的备份按计划的份数清除；要少留，请用 --days、--weeks、--months。",
    ),
    error("BACKUP-PIECE-MISSING", "缺少：{where}。"),
    error("BACKUP-PIECE-ALTERED", "已被改动：{where}。"),
    error("BACKUP-LIST-WRONG", "清单 {where} 缺失、读不出来，或与其摘要、签名不符。"),
    error("BACKUP-FILE-WRONG", "备份处的 {where} 缺失或读不出来。"),
    fault(
        "BACKUP-FULL",
        "备份处 {where} 空间不足。",
        "以前的备份都完整，本机没有改动。",
        "请扩充空间或减少保留份数，再运行一次，已写的不必重写。",
    ),
    fault(
        "BACKUP-FAILED",
        "写备份处 {where} 时出错：{reason}。",
        "以前的备份都完整，本机没有改动。",
        "请检查备份处，再运行一次，已写的不必重写。",
    ),
    fault(
        "BACKUP-SOURCE-DAMAGED",
        "主库里的 {where} 与清单不符，或已不是归档的那一份，备份没有算作完成。",
        "以前的备份都完整；已写的不必重写。",
        "请用副本修复这一件（lantai mend），再备份；修复不了的，核验后会列入待处理，备份随即照常。",
    ),
    refusal("BACKUP-SCHEDULE-WRONG", "备份计划写错：{where}。", "没有任何改动。", "请改正后再试。", http=422),
    refusal(
        "RESTORE-OTHER-KEY",
        "备份 {where} 不是由给出的公钥签署的。",
        "没有还原任何内容；数据目录里只放进了这份备份的设置和密钥。",
        "请核对公钥；公钥无误的，这份备份来历可疑，不要采用。",
    ),
    refusal(
        "RESTORE-VAULT-HELD",
        "备份里的设置把档案库放在 {where}，那里已有档案：原来的库可能还在用它。",
        "没有写入任何档案，那里的内容没有动。",
        "只是还原着看，请加 --apart：档案库写进这个数据目录，与原来的互不相干。原机已毁、要接着用那一处的，请加 --same-vault。",
    ),
    refusal("RESTORE-OBJECT-DIFFERS", "{where} 还原后的清单与备份时不同。", "没有算作还原完成。", "请换用与备份时同一版本的兰台。"),
    fault("DRILL-STEP-FAILED", "演练到“{where}”这一步没有做成：{reason}", "本机和备份都没有改动。", "请按原因处理后再做一次演练。"),
    refusal("DRILL-UNKNOWN", "没有演练 {where}。", "没有任何改动。", "请从演练记录中选择。", http=404),
)

ROWS: tuple[Code, ...] = (*_TABLES, *_KEY, *_REBUILD, *_BACKUP)

"""Codes of records: their life, numbers and rights."""

from lantai.core.codes.row import Code, error, info, refusal, warning

ROWS: tuple[Code, ...] = (
    # Archival codes (DA/T 13-2022, DA/T 22-2015)
    refusal(
        "CODE-VOLUME-OVERFLOW",
        "案卷号排到 {volume}，超过档号写法“{where}”能写的 {capacity}。",
        "没有改动任何内容。",
        "请在系统›单位改这个门类的档号写法，加宽案卷号。",
    ),
    refusal("CODE-TEMPLATE", "档号模板“{where}”不能使用：{problem}。", next="请在设置 code_template 中改正。"),
    refusal(
        "CODE-ITEM-OVERFLOW",
        "“{where}”下的件号已到 {item}，超过模板能容纳的 {capacity}。",
        safe="没有任何档号被写下。",
        next="请改用位数更多的档号模板，或分到另一类目后再定号。",
    ),
    refusal(
        "CODE-VALUE", "“{where}”中的{segment}“{actual}”不能写入档号，应为{form}。", safe="没有任何档号被写下。", next="请改正该项后重试。"
    ),
    refusal("CODE-SHAPE", "档号“{where}”不符合模板“{template}”。", next="请对照各段说明核对档号。"),
    error("CODE-SEGMENT", "档号“{where}”的{segment}应为{expected}，实际为“{actual}”。", "请核对该段。"),
    error("CODE-SEGMENT-COUNT", "档号“{where}”应有 {expected} 段，实际有 {actual} 段。", "请核对是否缺段或多段。"),
    error("CODE-MISMATCH", "档号“{where}”的{segment}与元数据不一致：元数据为“{expected}”，档号中为“{actual}”。", "请核对档号与元数据。"),
    warning("CODE-SEPARATOR", "档号“{where}”使用了不规范的分隔符或空格，规范写法为“{expected}”。", "原样保留，比对时按规范写法。"),
    # Retention (Order 8)
    refusal("RETENTION-UNKNOWN", "不认识的保管期限“{where}”。", next="请写作 永久、30年、10年 或 Y、D30、D10。"),
    # Civil dates
    error("DATE-UNREADABLE", "“{where}”读不出日期。", "请按 年、年月 或 年月日 填写。"),
    error("DATE-IMPOSSIBLE", "“{where}”不是历法上存在的日期。", "请核对原文。"),
    warning("DATE-EARLY", "日期“{where}”早于 {earliest} 年，存疑。", "请核对原文，确为如此可保留。"),
    warning("DATE-FUTURE", "日期“{where}”晚于今天（{today}），存疑。", "请核对原文。"),
    # Corrections of archived records, and their versions
    refusal("VERSION-NONE", "「{where}」还没有归档，没有版本可看。", next="归档之后，每次更正、移交各成一版。"),
    refusal("VERSION-UNKNOWN", "「{where}」没有第 {version} 版。", next="请先列出全部版本。", http=404),
    refusal(
        "VERSION-OTHER-FILES",
        "「{where}」第 {version} 版的文件与现在的不同，不能只恢复著录。",
        safe="各版本都在库里，没有改动。",
        next="请导出那一版的文件，作为新的一件接收。",
    ),
    refusal(
        "AMEND-NOT-FREE",
        "「{where}」现在不能更正。",
        safe="档案没有改动。",
        next="只有已归档、由本机关保管、没有冻结或待处理标记、也不在办理移交的件可以更正。",
    ),
    refusal(
        "AMEND-FIXED-ELEMENT",
        "“{where}”写在档号里或由档号、文件得出，不能更正。",
        safe="档案没有改动。",
        next="请只更正题名、文号、责任者、日期等著录项。",
    ),
    refusal("AMEND-NOTHING", "「{where}」按您填的没有变化，没有提出更正。", next="请核对要更正的值。"),
    refusal("AMEND-REASON", "「{where}」的更正须写明理由，不超过 {most} 字，一行写完。", safe="档案没有改动。", next="请写明依据再提出。"),
    refusal("AMEND-WAITING", "「{where}」已有一份更正在等批准。", safe="档案没有改动。", next="请先批准或不同意那一份。"),
    refusal("AMEND-UNKNOWN", "没有等待批准的更正 {where}。", next="它可能已由别人办过，请刷新页面。", http=404),
    refusal("AMEND-SECOND-PERSON", "「{where}」的更正须由提出人以外的另一人批准。", safe="档案没有改动。", next="请另一位档案员批准。"),
    refusal(
        "REPLACE-OFFER",
        "「{where}」的文件现在不能拿来替换。",
        safe="档案没有改动。",
        next="新文件先作为一件送入并通过接收检测，在整理中、没有定号、没有冻结或待处理标记时可以用来替换。",
    ),
    refusal(
        "REPLACE-DOCUMENT", "「{where}」没有第 {number} 个文档。", safe="档案没有改动。", next="请看这一件有哪些文档；0 是全部。", http=404
    ),
    refusal(
        "REPLACE-ONE",
        "替换一个文档要用只有一个文档的件，「{where}」有 {actual} 个。",
        safe="档案没有改动。",
        next="请拆开，或替换全部文档。",
    ),
    refusal(
        "REPLACE-CHECK",
        "换上新文件以后「{where}」通不过归档检测：{reason}。",
        safe="档案没有改动。",
        next="请改正新文件后重新送入；写着没有执行的项目，稍候再试。",
    ),
    # State secrets
    error("SECRET-STRONG", "发现国家秘密标志，已按涉密隔离。", "请由安全保密管理员会同另一人处置；本系统不保存其内容。"),
    warning("SECRET-WEAK", "“{where}”中出现疑似密级字样：{marks}。", "请人工确认是否涉密。"),
    info("SECRET-FALSE-ALARM", "“{where}”曾因疑似国家秘密标志被隔离，经两人判定为误报，解除隔离后接收。"),
    info("SECRET-DECLASSIFIED", "“{where}”带有密级标志，已有解密日期和依据，按已解密处理。", "标志原样保留。"),
)

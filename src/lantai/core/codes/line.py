"""Codes of the line: receiving, judging, arranging, numbering, archiving, using and proving."""

from lantai.core.codes.row import Code, error, fault, info, refusal, warning

_KEPT = "原文件和已有档案都没有变动。"

_UNTOUCHED = "没有改动任何内容。"
ROWS: tuple[Code, ...] = (
    # capture 接收
    refusal("CAPTURE-CHANNEL-UNKNOWN", "没有「{where}」这种来源。", _KEPT, "来源为 oa、scan、manual、transfer 之一。", 422),
    refusal("CAPTURE-SOURCE-MISSING", "找不到「{where}」。", _KEPT, "请检查路径。", 404),
    refusal("CAPTURE-CATALOGUE-AGAIN", "这份目录已在批次 {batch} 导入过。", _KEPT, "确需再次导入，请改用新的目录文件。"),
    error("CAPTURE-NOT-A-FILE", "「{where}」不是普通文件或文件夹，没有接收。", "请只移交普通文件。"),
    error("CAPTURE-LINK", "「{where}」是链接，不是文件本身，没有接收。", "请移交链接所指的文件。"),
    error("CAPTURE-UNREADABLE", "「{where}」读不出来，没有接收，其余文件不受影响。", "请检查文件权限或介质，再单独移交。"),
    error("CONTAINER-NESTED", "「{where}」是压缩包里的压缩包，没有再解开。", "请解开后移交。"),
    error("CAPTURE-EMPTY", "「{where}」里没有文件。", "请检查移交内容。"),
    warning("CAPTURE-EMPTY-FOLDER", "文件夹「{where}」是空的。", "请核对是否漏放了文件。"),
    warning("CAPTURE-NAME-ENCODING", "「{where}」的文件名不是 UTF-8 编码，按中文旧编码（GB18030）读作此名。", "请核对文件名。"),
    warning(
        "CAPTURE-CHARACTERS-WRITTEN-OUT",
        "「{where}」的著录或文件信息含有不能保存的字符（空字符或半个代理对），已写成 <U+0000> 的样子。",
        "请核对原文。",
    ),
    refusal("CAPTURE-OWN-DATA", "「{where}」里有本系统自己的数据目录，不能接收。", _KEPT, "请只选要移交的文件夹。", 422),
    refusal(
        "CAPTURE-NOT-A-CATALOGUE",
        "「{where}」不是目录：前几行里没有“题名”或“文号”这样的列名。",
        _KEPT,
        "请提供 .xlsx 或 .csv 的目录；普通文件请用 lantai capture。",
        422,
    ),
    info("CAPTURE-JUNK", "「{where}」是系统自动生成的文件，不属于移交内容，没有接收。"),
    warning("CAPTURE-DUPLICATE", "「{where}」与已有的一件（{record}）逐字节相同，没有重复建件。", "确属不同文件的，请说明后另行移交。"),
    warning("CAPTURE-CODE-IN-USE", "电子文件号「{where}」已被另一件使用，改用系统标识。", "请核对是否重复移交。"),
    warning("CAPTURE-CODE-TOO-LONG", "电子文件号「{where}…」超过 128 个字，改用系统标识，原号保留在著录中。", "请核对电子文件号。"),
    fault(
        "CAPTURE-STAGING-FAILED",
        "「{where}」没有收下：暂存区写不进去（{reason}）。",
        "已收下的件都完整，原文件没有变动。",
        "请检查磁盘空间和权限，系统会自动重试。",
    ),
    fault(
        "CAPTURE-CONTENDED",
        "批次 {where} 正由另一个后台进程同时接收，这一部分没有收下。",
        "已收下的件都完整，原文件没有变动。",
        "系统会自动重试。",
    ),
    fault(
        "DISK-FLUSH-FAILED",
        "「{where}」所在磁盘没有把数据写稳（{reason}）。",
        "没有写稳的都不算数，不会留下半份。",
        "请检查磁盘，系统会自动重试。",
    ),
    # accept 接收判定
    refusal("BATCH-UNKNOWN", "没有找到「{where}」。", "", "请核对批次号、档号或标识。", 404),
    refusal("BATCH-NOT-READY", "批次 {where} 还在接收或检测，不能接收确认。", _KEPT, "请等检测完成。"),
    refusal(
        "BATCH-NOTHING-TO-ACCEPT",
        "批次 {where} 里没有检测合格、可以接收的件。",
        _KEPT,
        "需要人工判定的请写明意见；不通过的请退回，补正后重新送来。",
    ),
    refusal(
        "BATCH-ITEMS-OPEN",
        "批次 {where} 整批的检测还有没过的项，不能接收。",
        _KEPT,
        "待人工的请判定；不通过的请退回，或由两人说明接受；未能执行的请排除原因后重新检测。",
    ),
    error("BATCH-ITEM-OPEN", "{where} {name}：{outcome}。"),
    refusal("RESUME-NOTHING", "「{where}」没有停下的处理，不需要恢复。", _KEPT, "检测不合格的件请退回，补正后重新送来。"),
    refusal("RETURN-REASON-MISSING", "退回没有写明理由。", _KEPT, "请选择或填写退回理由，移交人会收到。", 422),
    refusal(
        "RECORD-NOT-MOVABLE",
        "选中的件现在不能{verb}。",
        _KEPT,
        "档号固定以后不能退回或不归档；归档后的著录可以在「版本」中提出更正，由另一人批准。",
    ),
    refusal("ANSWER-OPINION-MISSING", "人工判定没有写明意见。", _KEPT, "请写明判定的依据，意见会随检测报告和账本永久保存。", 422),
    refusal("ANSWER-NOTHING", "选中的件没有等待人工判定的项目。", _KEPT, "「不通过」不能改为通过，请退回补正。"),
    warning("CHECK-FAILED", "接收检测不通过，请查看检测报告后退回，补正后重新送来。"),
    warning("CHECK-NOT-RUN", "接收检测有项目没能执行（如杀毒引擎不可用），恢复后重新检测。"),
    warning("STAGED-DAMAGED", "暂存的文件不见了，或与接收时不一致；请退回，由移交人重新移交。"),
    refusal("DISCARD-REASON-MISSING", "不予归档没有写明理由。", _KEPT, "请写明理由，理由和题名会留在账本里。", 422),
    refusal("FILE-GONE", "「{where}」的文件已按不予归档清除，只留下著录。", "", "", 404),
    warning("CHECK-MANUAL", "接收检测有项目等待人工判定。"),
    # describe 著录
    warning("DESCRIBE-TITLE-DIFFERS", "题名与文件正文不一致：移交方写“{where}”，正文标题读作“{read}”。", "请对照原文核对，原值没有改动。"),
    warning("DESCRIBE-NUMBER-DIFFERS", "文件编号与文件正文不一致：移交方写“{where}”，正文读作“{read}”。", "请对照原文核对，原值没有改动。"),
    warning("DESCRIBE-DATE-DIFFERS", "日期与文件正文不一致：移交方写“{where}”，正文读作 {read}。", "请对照原文核对，原值没有改动。"),
    warning("DESCRIBE-YEAR-DIFFERS", "文件编号“{where}”的年份与成文日期 {date} 不在同一年。", "跨年编号属常见情形，请核对，原值没有改动。"),
    # arrange 整理
    refusal("RECORD-UNKNOWN", "没有找到「{where}」。", "", "请核对档号或标识。", 404),
    refusal(
        "RECORD-CODE-FIXED", "「{where}」档号已固定或正被冻结，不能直接修改。", _KEPT, "已归档的件请在「版本」中提出更正，由另一人批准。"
    ),
    refusal("RECORD-CHANGED-MEANWHILE", "这一件刚被别人改过，没有保存。", "您填的内容还在这一页。", "请刷新后再改。"),
    refusal("ELEMENT-NOT-ADMITTED", "「{where}」不能这样填。", "没有任何改动。", "请按本单位的元数据方案改填。", 422),
    refusal("ELEMENT-REQUIRED", "「{where}」必须填写。", "", "", 422),
    refusal(
        "ELEMENT-YEAR-WRONG", "「{where}」不是能用的年度。", "没有任何改动。", "年度写四位数字，不早于 {earliest} 年，也不晚于明年。", 422
    ),
    refusal(
        "ELEMENT-TOO-LONG",
        "「{where}……」有 {length} 个字，最多 {most} 个。",
        "没有任何改动，您填的内容还在这一页。",
        "请删减后再保存。",
        422,
    ),
    refusal(
        "ELEMENT-UNPRINTABLE",
        "「{where}」第 {at} 个字是看不见的控制字符，不能保存。",
        "没有任何改动，您填的内容还在这一页。",
        "多半是从别处粘贴带来的；请删去后再保存。",
        422,
    ),
    refusal(
        "SELECTION-CHANGED",
        "选中的件数变了：您看到 {expected} 件，现在 {actual} 件，没有改动。",
        "原值都没有变。",
        "请重新查看这一类，再选一次。",
    ),
    refusal("SELECTION-EMPTY", "没有选中任何一件。", "没有改动任何内容。", "请先在列表里选择。", 422),
    refusal(
        "SELECTION-TOO-MANY", "一次最多处理 {most} 件，您选了 {actual} 件。", "没有改动任何内容。", "请按年度、机构或期限分几次做。", 422
    ),
    refusal(
        "DEPARTMENT-CODE-TAKEN", "代码「{where}」已给过一个机构，没有再设。", _UNTOUCHED, "代码只给一次，撤并了的也不再给；请换一个代码。"
    ),
    refusal("FONDS-INCOMPLETE", "立档单位名称没有存：{parts}没有填好。", _UNTOUCHED, "请补齐后再提交。", 422),
    refusal("FONDS-SAME", "立档单位现在就叫「{where}」，没有改动。", _UNTOUCHED, "", 422),
    refusal("CATEGORY-WRONG", "门类「{where}」没有存：{problem}。", _UNTOUCHED, "请改好后再提交。", 422),
    refusal("CATEGORY-UNKNOWN", "没有为门类「{where}」定过规则。", _UNTOUCHED, "请先在系统›单位定这个门类的规则。", 422),
    refusal(
        "CATEGORY-IN-USE",
        "门类「{where}」还有 {count} 卷没有固定档号，不能改成按件整理，也不能停用。",
        _UNTOUCHED,
        "请先固定或拆开这些卷。",
    ),
    refusal("CLASSIFICATION-WRONG", "门类「{where}」的分类方案没有存：{problem}。", _UNTOUCHED, "请改好后再提交。", 422),
    refusal("CLASSIFICATION-UNKNOWN", "门类「{where}」没有第 {number} 版分类方案，或已停用。", _UNTOUCHED, "请刷新后再选。", 404),
    refusal(
        "CLASS-TERM-UNKNOWN",
        "分类方案（{scheme}）里没有问题「{where}」，还不能编号。",
        "没有任何档号被写下。",
        "请先在整理里为这些件选定方案所列的问题。",
        422,
    ),
    refusal("KEYS-WRONG", "快捷键没有存：{problem}。", "原来的键没有变，您填的还在这一页。", "请换一个键再存。", 422),
    refusal("LIST-WRONG", "代码表「{where}」没有存：{problem}。", _UNTOUCHED, "请改好后再提交。", 422),
    refusal("LIST-UNKNOWN", "没有代码表「{where}」，或已停用。", _UNTOUCHED, "请刷新后再选。", 404),
    refusal("LIST-IN-USE", "代码表「{where}」还有元数据方案在用：{elements}。", _UNTOUCHED, "请先让这些元素改用别的值表，再停用。"),
    refusal("NUMBER-BY-VOLUME", "门类「{where}」按卷整理，不能逐件固定档号。", "没有任何档号被写下。", "请先组卷，再固定卷的档号。"),
    refusal("VOLUME-UNKNOWN", "没有找到案卷「{where}」。", _UNTOUCHED, "请核对案卷号，或刷新后再选。", 404),
    refusal("VOLUME-BY-ITEM", "门类「{where}」按件整理，不组卷。", _UNTOUCHED, "确要按卷整理的，请先在系统›单位改这个门类的规则。"),
    refusal("VOLUME-TITLE-MISSING", "案卷没有题名，没有存。", _UNTOUCHED, "请写明责任者、内容和文种，最多 500 字。", 422),
    refusal("VOLUME-UNLIKE", "「{where}」与其他件不属同一全宗、门类、年度和机构，不能在一卷里。", _UNTOUCHED, "请只选同一类的件。", 422),
    refusal("VOLUME-ELSEWHERE", "「{where}」已在另一卷里。", _UNTOUCHED, "一件只能在一卷里；请先从那一卷取出。"),
    refusal("VOLUME-NOT-IN", "「{where}」不在这一卷里。", _UNTOUCHED, "请刷新后再选。"),
    refusal("VOLUME-FIXED", "案卷「{where}」档号已固定，不能再改。", _UNTOUCHED, "案卷固定以后只能查看和打印。"),
    refusal("VOLUME-CHANGED-MEANWHILE", "案卷「{where}」刚被他人改过。", "您的改动没有保存。", "请看过现在的样子再试。"),
    refusal(
        "VOLUME-NOT-READY",
        "案卷「{where}」还不能固定档号，有 {count} 件有问题。",
        "没有任何档号被写下。",
        "请按所列逐件处理或取出，再固定。",
    ),
    error("VOLUME-ITEM-IMPEDED", "「{where}」{reason}。", "请处理好这一件，或从卷里取出。"),
    error("VOLUME-ITEM-ELSEWHERE", "「{where}」的年度或机构后来改过，与本卷不同。", "请改回，或从卷里取出。"),
    refusal("DEPARTMENT-INCOMPLETE", "机构没有设成：{parts}没有填好。", _UNTOUCHED, "请补齐后再提交。", 422),
    refusal("DEPARTMENT-UNKNOWN", "没有代码为「{where}」的现行机构。", _UNTOUCHED, "请刷新后再选。", 404),
    refusal("DEPARTMENT-SAME", "机构现在就叫「{where}」，没有改动。", _UNTOUCHED, ""),
    refusal("DEPARTMENT-DAY-WRONG", "日期「{where}」不晚于现名起用的 {after}，没有改动。", _UNTOUCHED, "请核对日期。", 422),
    refusal(
        "SHEET-NOT-OURS", "「{where}」不是从这里导出的著录表：{reason}。", "没有改动任何内容。", "请先在整理页导出，在导出的表里改。", 422
    ),
    refusal("VIEW-NAME", "视图要有名称，不超过 {most} 个字，不含看不见的字符。", "没有存，现在的筛选没有变。", "请改名称再存。", 422),
    refusal(
        "VIEW-TOO-MANY",
        "视图已有 {most} 个，没有再存「{where}」。",
        "已有的视图没有变。",
        "请先删去不用的视图，或用已有的名称存，会换成现在的筛选。",
    ),
    refusal(
        "SHEET-TOO-LONG", "「{where}」有 {actual} 行，超过一次能导入的 {most} 行。", "没有改动任何内容。", "请分成几份表，分别导入。", 422
    ),
    refusal("SHEET-NOT-KEPT", "导出的表格已不在：只留一天，或已经作废。", "没有改动任何内容。", "请再导出一次。", 404),
    refusal("SHEET-GONE", "试算过的表格已不在，或已经导入、作废。", "没有改动任何内容。", "请再选一次文件，重新试算。", 404),
    refusal("SHEET-WRONG", "「{where}」有 {count} 行不能导入，全表没有导入。", "没有改动任何一件。", "{first} 改正后再导入。", 422),
    refusal("SHEET-SAME", "「{where}」里的值与现在的都一样。", "没有改动任何内容。", "不需要导入；重复导入同一份表不会有任何影响。"),
    refusal(
        "SHEET-MOVED-ON",
        "试算以后，「{where}」涉及的件又被改过，没有导入。",
        "已写的都已撤回，没有改动任何一件。",
        "请重新试算，看清再导入。",
    ),
    refusal("UNDO-NOTHING", "没有可以撤销的操作。", "没有改动任何内容。", "只能撤销您自己最近做的、还没有撤销过的操作。"),
    refusal(
        "UNDO-OVERTAKEN",
        "「{where}」不能撤销：涉及的件后来都被改过，或档号已固定。",
        "后来的改动都保留着，没有被覆盖。",
        "请打开那一件，看现在的值再改。",
    ),
    refusal("ORDER-ELSEWHERE", "「{where}」已不在这一类里，没有移动。", "顺序没有变。", "请刷新后再试。"),
    # compose 组件
    refusal("COMPOSE-WAITING", "「{where}」还等人处理，或自带档号，不能组件。", "没有任何改动。", "请先处理这一件，再来组件。"),
    refusal(
        "COMPOSE-UNLIKE", "「{where}」与其余的不是同一全宗、门类或载体，不能合为一件。", "没有任何改动。", "请只选同一全宗、同一门类的件。"
    ),
    refusal("COMPOSE-NO-DOCUMENTS", "「{where}」只有目录，没有文件，不能组件。", "没有任何改动。", "请先挂接文件。"),
    refusal("COMPOSE-PARTS-CHANGED", "组成已有变化，没有保存。", "原来的组成没有变。", "请重新打开再排。"),
    refusal("ATTACH-CHANGED", "「{where}」已有文件，或文件已挂到别处，没有挂接。", "这一次都没有挂接。", "请重新比对后再挂接。"),
    refusal("SPLIT-NOTHING", "「{where}」没有拆：要拆出至少一份、留下至少一份。", "没有任何改动。", "请勾选要拆出的几份。", 422),
    refusal("ELEMENT-UNKNOWN", "没有「{where}」这个著录项。", "", "", 422),
    refusal("ELEMENT-DATE-WRONG", "「{where}」不是一个真实的日期。", "", "日期写作 20240312，只知年月时写 202403 或 2024。", 422),
    # number 定号
    refusal("NUMBER-NOTHING", "{where} 没有可以固定档号的件。", _KEPT, "请先补齐年度、期限和题名，处理有问题的件。"),
    refusal(
        "NUMBER-COUNT-CHANGED", "{where} 的件数变了：您看到 {expected} 件，现在 {actual} 件，没有固定。", _KEPT, "请重新查看后再落印。"
    ),
    refusal("NUMBER-NOT-EMPTY", "「{where}」不是空号，不能作空号说明。", _KEPT, ""),
    refusal("NUMBER-GAP-REASON", "「{where}」的空号说明没有写明原因。", _KEPT, "请填写原因，如撤件、涉密另存。", 422),
    refusal(
        "NUMBER-NOT-WITHDRAWABLE",
        "「{where}」不能撤件：只有档号已固定、还没有归档的件可以。",
        _KEPT,
        "已归档的件更正须走审批，不能撤回档号。",
    ),
    refusal("NUMBER-GAP-EXPLAINED", "「{where}」已有空号说明。", _KEPT, "原有说明不能改写。"),
    warning("NUMBER-NEEDS-ATTENTION", "有问题待处理（{reason}），不参加定号。"),
    warning("NUMBER-ON-HOLD", "已冻结，不参加定号。"),
    warning("NUMBER-PART-MISSING", "缺{part}，不能定号。"),
    warning("NUMBER-HAS-CODE", "自带档号 {given}，应登记原有档号，不另定号。"),
    warning("ACCESSION-CODE-TAKEN", "自带的档号已被另一件使用，请核对。"),
    warning("ACCESSION-CODE-UNREADABLE", "自带的档号不合任何认得的写法，请更正，或在设置中补充写法。"),
    # archive 归档
    warning("ARCHIVE-CHECK-FAILED", "归档检测不通过，档号保留，请查看检测报告。"),
    warning("ARCHIVE-CHECK-NOT-RUN", "归档检测有项目没能执行（如杀毒引擎不可用），档号保留，恢复后重试。"),
    # recheck 补检
    warning("RECHECK-FAILED", "重新检测不通过，请查看检测报告。"),
    # use 利用
    refusal("FILE-UNKNOWN", "没有找到文件「{where}」。", "", "请核对路径或标识。", 404),
    refusal(
        "INSIDE-NOT-READABLE",
        "「{where}」里的第 {number} 个附件取不出来。",
        "文件本身没有变动。",
        "可以下载整个文件，用形成它的软件打开。",
        404,
    ),
    refusal("PAGE-NOT-RENDERABLE", "「{where}」第 {page} 页不能显示为图像。", "文件本身没有变动。", "可以看文字层，或下载原件。", 404),
    refusal("CHECK-NOTHING", "「{where}」里没有可以检测的件。", "", "请检查内容，压缩包可能已损坏。", 422),
    refusal(
        "CHECK-NOT-DONE", "「{where}」在这个环节还没有检测报告。", "", "归档检测在归档时做；接收检测的报告用 --stage arrival 看。", 404
    ),
    refusal(
        "RETURN-DEADLINE-WRONG",
        "重新移交的期限「{value}」不是今天以后的日期。",
        "没有退回任何一件。",
        "请按年月日写一个日期，或不填期限。",
        422,
    ),
    # forms 表单
    refusal("FORM-UNKNOWN", "没有「{where}」这种表单。", _UNTOUCHED, "可以打印：{known}。", 404),
    refusal(
        "FORM-TARGET-UNKNOWN",
        "「{where}」没有您能看的、已有档号的件。",
        _UNTOUCHED,
        "请给出批次号，或不带件号的档号（如 Z109-WS·2024-D30-BGS）。",
        404,
    ),
    # replay 复核
    refusal(
        "REPORT-UNREADABLE", "「{where}」不是能读的检测报告：{reason}", "没有改动任何内容。", "请给出兰台的检测报告（JSON 或 XML）。", 422
    ),
    refusal("RECEIPT-UNREADABLE", "「{where}」不是能读的回执：{reason}", "没有改动任何内容。", "请给出兰台的回执（JSON）。", 422),
    refusal(
        "REPLAY-PACKAGE-UNREADABLE", "「{where}」的清单读不出来：{reason}", "没有改动任何内容。", "请先用 lantai verify 核验这一件。", 422
    ),
    refusal("OUTPUT-KIND-UNKNOWN", "不知道按什么形式写「{where}」。", "没有写任何文件。", "文件名请以 {known} 结尾。", 422),
    # prove 核验
    warning("PROVE-NOT-ARCHIVED", "这一件还没有归档，没有可核验的包。"),
    error("PROVE-NOT-POSSIBLE", "没能核验：{reason}", "请系统管理员检查档案库。"),
    error(
        "PROVE-ROW-DIFFERS", "「{where}」数据库与档案包不一致：库中「{here}」，包中「{there}」。", "请安全审计员查看账本，以档案包为准。"
    ),
    error("PROVE-EVENT-MISSING", "账本里没有「{where}」的归档记录。", "请安全审计员核查。"),
    error("PROVE-EVENT-ALTERED", "账本条目 {where} 的内容与其摘要不符。", "请安全审计员核查。"),
    error(
        "PROVE-ROW-UNREADABLE", "「{where}」在数据库里的记载不成样子：{reason}。", "请安全审计员查看账本，以档案包为准，从备份恢复数据库。"
    ),
    error("PROVE-INVENTORY-DIFFERS", "「{where}」在库中的清单不是账本所记归档的那一份。", "请安全审计员核查，档案包可能被整个换过。"),
    error(
        "PROVE-VERSION-OLDER",
        "「{where}」账本记到第 {newest} 版，数据库却是第 {version} 版。",
        "请安全审计员查看账本，从备份恢复数据库里的这一件。",
    ),
    error("PROVE-VERSION-UNKNOWN", "「{where}」在库中多出一个账本没有记的版本。", "请安全审计员查明它的来历，不要删除。"),
    error("PROVE-RECORD-MISSING", "账本记有归档的 {where}，数据库里已没有，或不再算作已归档。", "请从备份恢复数据库，并查明原因。"),
    error("PROVE-LEDGER-BROKEN", "账本第 {where} 条（归档事件）的封存不成立：{reason}。", "请安全审计员运行 lantai ledger verify 查明。"),
    error("PROVE-CHECKPOINT-BROKEN", "第 {where} 条处的检查点不成立：{reason}。", "请安全审计员运行 lantai ledger verify 查明。"),
    error("PROVE-WITNESS-DIFFERS", "见证处 {where} 与账本不符：{reason}。", "请安全审计员查明账本从何时起被换过。"),
    error("PROVE-STRAY-OBJECT", "档案库里有不属于任何一件的对象 {where}。", "请系统管理员核查来历，不要删除。"),
    # the command line and setting up
    refusal("NOT-INITIALISED", "数据目录「{where}」还没有建立。", "", "先运行 lantai init（正式使用）或 lantai demo（看演示）。"),
    refusal("NOT-SIGNED-IN", "命令行还没有登录（系统用户 {where}）。", "", "先运行 lantai login。", 401),
    refusal("INIT-ALREADY", "数据目录「{where}」已经建立过，没有改动。", _KEPT, "换一个 --data 目录，或直接使用它。"),
    refusal("INIT-TRIAL-REFUSED", "正式初始化不能建成试用库。", _KEPT, "看演示请用 lantai demo。"),
    refusal(
        "SETTINGS-INVALID", "设置不能用：{problem}。", "没有任何改动。", "请改正 {where} 或同名的 LANTAI_ 变量；说明见 lantai config。", 422
    ),
    refusal("FACET-UNKNOWN", "不能按「{where}」缩小范围。", "", "写作 名称=值，如 year=2024；名称有：{known}。", 422),
    refusal(
        "PEOPLE-PASSWORD-FIRST",
        "首次登录须先修改口令，没有签发令牌。",
        "",
        "运行 lantai login 按提示修改；脚本里在标准输入的第二行写新口令。",
        403,
    ),
    refusal(
        "SECRET-KEY-MISSING",
        "没有会话签名密钥，会话可被伪造，服务没有启动。",
        "档案没有变动。",
        "请从备份恢复 lantai.toml 中的 secret_key；没有备份的，写入任意 50 个以上的随机字符，已登录的人须重新登录。",
    ),
    refusal(
        "HOSTS-MISSING",
        "监听 {where} 即向所有网络开放，须写明用哪些主机名访问，服务没有启动。",
        "",
        '请在 lantai.toml 写 hosts = ["主机名或地址"]，或改监听 127.0.0.1。',
    ),
    fault(
        "PORT-TAKEN",
        "不能在 {where} 监听（{reason}），服务没有启动。",
        "",
        "换一个端口，如 lantai serve --port 8421，或先停掉占用它的程序。",
    ),
    fault(
        "DATABASE-FAILED",
        "数据库不能用（{reason}）。",
        "没有写完的都不算数。",
        "请检查磁盘空间、权限和数据库服务后再试；可运行 lantai doctor。",
    ),
    fault(
        "DATABASE-EMPTY",
        "数据库里没有兰台的表，与已经建立的数据目录不符。",
        "档案库没有变动。",
        "请从备份恢复数据库；连到了别的库的，请改正设置 database。",
        is_retryable=False,
    ),
    fault("SYSTEM-FAILED", "「{where}」不能读写（{reason}）。", "已写完的都有效，没有写完的不算数。", "请检查磁盘空间和权限后再试。"),
    refusal("BENCH-UNKNOWN", "没有「{where}」这项基准。", "", "可用的有：{known}。", 404),
)

"""Codes of running Lantai: settings, accounts, work."""

from lantai.core.codes.row import Code, error, fault, refusal, warning

_ACCESS: tuple[Code, ...] = (
    refusal("ACCESS-REFUSED", "您不能{action}。", "没有任何改动。", "请由有权限的同事办理。", http=403),
    error("ACCESS-ROLE", "您的角色是{role}，按权限表不能{action}；有此权限的是：{roles}。请由其办理，或请安全保密管理员调整您的权限。"),
    error("ACCESS-ADMINISTRATOR", "您的账户是{role}，三员账户不接触档案内容，不能{action}。请由档案员办理，或用本人的业务账户登录。"),
    error(
        "ACCESS-DEPARTMENT", "所涉材料不属于您的部门（您的部门代码：{department}），{role}{action}限于本部门。请由该部门人员或档案员办理。"
    ),
    error("ACCESS-NOT-ARCHIVED", "此件尚未归档，归档之前{role}不能{action}。请待归档完成，或向档案员查询。"),
    error("ACCESS-NOT-OPEN", "此件尚未开放，{role}不能{action}。请向档案员提出利用申请。"),
    error("ACCESS-QUARANTINED", "此件疑似涉密，已隔离，任何人都不能{action}。请等安全保密管理员处置。"),
    error("ACCESS-APPROVER", "没有别的安全保密管理员在用时，{role}才能{action}，也只限于安全保密管理员的账户。"),
    error("ACCESS-SCOPE", "令牌的范围是“{scopes}”，不能{action}。请系统管理员另发范围合适的令牌。"),
    error("ACCESS-PAYLOAD", "这条记录的内容涉及档案内容或个人信息，不向{role}显示；可以核对其摘要。"),
)
_POLICY: tuple[Code, ...] = (
    refusal("POLICY-FORMAT-UNKNOWN", "格式表里没有“{where}”。", "没有任何改动。", "请从格式表中选择。", http=404),
    refusal("SCHEME-ITEM-UNKNOWN", "检测方案里没有“{where}”。", "没有任何改动。", "请从检测方案中选择。", http=404),
    refusal("POLICY-INCOMPLETE", "“{where}”的调整缺少或写错：{parts}。", "没有任何改动。", "请补全后再试。", http=422),
    refusal("POLICY-CHANGED", "“{where}”刚被他人调整。", "您的调整没有保存。", "请看过现在的规定后再试。"),
    refusal("METADATA-SCHEME-WRONG", "{where}不能这样规定：{problems}。", "没有任何改动。", "请改好后再拟订。", http=422),
    refusal("METADATA-SCHEME-UNKNOWN", "{where}没有可采用或可看的第 {number} 版。", "没有任何改动。", "请从版本列表中选择。", http=404),
    refusal("METADATA-FILE-WRONG", "{where}不是能读的元数据方案：{reason}。", "没有任何改动。", "请用导出的文件改好后再导入。", http=422),
    refusal("SCHEDULE-WRONG", "{where}不能这样写：{problems}。", "没有任何改动。", "请改好后再试。", http=422),
    refusal("SCHEDULE-UNKNOWN", "{where}没有第 {number} 版。", "没有任何改动。", "请刷新后再看。", http=404),
    refusal(
        "SCHEDULE-FILE-WRONG", "{where}不是能读的保管期限表：{reason}。", "没有任何改动。", "请用导出的 Excel 改好后再导入。", http=422
    ),
    refusal("POLICY-SAME", "“{where}”现在就是这样规定的。", "没有任何改动。", "", http=422),
)
_OVERRULE: tuple[Code, ...] = (
    refusal("OVERRULE-REASON-MISSING", "“{where}”没有写说明，或超过 500 字、含不可见字符。", "没有改动。", "请写明后再试。", http=422),
    refusal("OVERRULE-NOTHING", "“{where}”没有这一项不通过。", "没有任何改动。", "请刷新后再看。"),
    refusal("OVERRULE-DANGEROUS", "“{where}”查出的是病毒、可执行体或密级标志，任何人都不能说明接受。", "没有改动。", "请退回送交部门。"),
    refusal("OVERRULE-CHANGED", "“{where}”已有人提出说明接受。", "没有任何改动。", "请刷新后再看。"),
    refusal("OVERRULE-UNKNOWN", "没有待确认的说明接受 {where}。", "没有任何改动。", "请刷新后再看。", http=404),
    refusal("OVERRULE-SECOND-PERSON", "“{where}”是您本人提出的，须另一人确认。", "没有任何改动。", "请另一位档案员登录确认。"),
    refusal("OVERRULE-VOID", "“{where}”的内容或检测报告在提出之后变了，原说明已失效。", "这一项仍是不通过。", "请按现在的结果重新提出。"),
)
_PEOPLE: tuple[Code, ...] = (
    refusal(
        "PEOPLE-SIGN-IN-FAILED", "用户名或口令不对。", "", "请核对后重试；连续输错 {attempts} 次，账户将锁定 {minutes} 分钟。", http=401
    ),
    refusal(
        "PEOPLE-LOCKED", "口令连续输错，登录已锁定，约 {minutes} 分钟后可以再试。", "", "请稍后再试，或请系统管理员重设口令。", http=403
    ),
    refusal("PAGE-NOT-SHOWN", "这个地址只收送来的表单，不能直接打开。", "没有任何改动。", "请从页面上的按钮或链接进去。", http=405),
    refusal("PEOPLE-BUSY", "同时登录的人太多，这一次没有登录。", "", "请过一会儿再试。", http=503),
    refusal(
        "PEOPLE-ADDRESS-LOCKED",
        "从您所在的网络地址输错口令的次数过多，约 {minutes} 分钟内不能登录。",
        "",
        "请稍后再试；不是您本人所为的，请告知安全审计员。",
        http=403,
    ),
    refusal(
        "PEOPLE-NOT-ACTIVE",
        "账户 {where} 未启用或已停用。",
        "",
        "新账户和重设的口令须经安全保密管理员批准；已停用的请另建账户。",
        http=403,
    ),
    refusal(
        "PEOPLE-LAST-ADMINISTRATOR",
        "{where} 是唯一在用的{role}，不能停用或改作他用。",
        "账户没有改动。",
        "请先新建并批准另一位{role}。",
    ),
    refusal(
        "PEOPLE-NO-APPROVER",
        "重设 {where} 的口令之后没有人能批准，不能重设。",
        "账户没有改动。",
        "请先让安全保密管理员或安全审计员的账户恢复在用。",
    ),
    refusal("PEOPLE-TOKEN-INVALID", "登录凭据不存在、已过期或已作废。", "", "请重新登录：lantai login", http=401),
    refusal("PEOPLE-LOGIN-TAKEN", "用户名 {where} 已有人使用，用过的用户名不再分配。", "没有新建账户。", "请换一个用户名。"),
    refusal(
        "PEOPLE-ADMIN-EXCLUSIVE",
        "系统管理员、安全保密管理员、安全审计员不得由同一人兼任：{where} 已有一个这样的账户。",
        "账户没有改动。",
        "请由另一人担任，或先调整其原有账户。",
    ),
    refusal("PEOPLE-ROLE-UNKNOWN", "没有“{where}”这个角色。", "账户没有改动。", "可用的角色：{roles}。", http=422),
    refusal("PEOPLE-INCOMPLETE", "账户的以下内容没有填，或含不可见字符，或太长：{where}。", "没有新建账户。", "请补全后再试。", http=422),
    refusal("PEOPLE-UNKNOWN", "没有账户 {where}。", "", "请从账户列表中选择。", http=404),
    refusal("PEOPLE-SELF", "不能对本人的账户{action}。", "账户没有改动。", "请由另一位管理员办理。"),
    refusal("PEOPLE-NOT-PENDING", "账户 {where} 不在待批准状态。", "账户没有改动。", "已停用的账户不再启用，请另建账户。"),
    refusal("PEOPLE-CHANGED", "账户 {where} 刚被他人改动。", "您的改动没有保存。", "请刷新后再试。"),
    refusal(
        "PEOPLE-PASSWORD-WEAK",
        "口令不合要求：{where}。",
        "口令没有改动。",
        "口令至少 8 位，并含大写字母、小写字母、数字、符号中的三类，不得含用户名，也不得与现口令相同。",
        http=422,
    ),
)
_CLIENTS: tuple[Code, ...] = (
    refusal("CLIENT-INCOMPLETE", "业务系统的令牌写得不全或不对：{where}。", "没有发出令牌。", "请改好后再发。", http=422),
    refusal("CLIENT-UNKNOWN", "没有业务系统 {where}。", "没有任何改动。", "请从列表中选择。", http=404),
    refusal("CLIENT-NOT-PENDING", "业务系统“{where}”的令牌不在待批准状态。", "没有任何改动。", "请刷新后再看；已撤销、已过期的另发一个。"),
    refusal("CLIENT-SAME-PERSON", "业务系统“{where}”的令牌是您本人发的，须由另一人批准。", "没有任何改动。", "请安全保密管理员批准。"),
    refusal("CLIENT-WITHDRAWN", "业务系统“{where}”的令牌已经撤销。", "没有任何改动。", "", http=409),
    refusal("CLIENT-CHANGED", "业务系统“{where}”刚被他人改动。", "您的改动没有保存。", "请刷新后再试。"),
)
_API: tuple[Code, ...] = (
    refusal("API-TOKEN-MISSING", "请求没有带令牌。", "没有收下任何内容。", "请写上请求头 Authorization: Bearer 令牌。", http=401),
    refusal("API-TOKEN-INVALID", "令牌不存在，或已撤销、已过期、还没有批准。", "没有收下任何内容。", "请向系统管理员核对令牌。", http=401),
    refusal("API-TOO-OFTEN", "一分钟内的调用超过 {most} 次。", "没有收下任何内容。", "请过一分钟再送；可把多份文件合在一批里。", http=429),
    refusal("API-BUSY", "同时进来的调用太多，这一次没有办。", "没有收下任何内容。", "请过几秒再送。", http=503),
    refusal("API-UNKNOWN", "没有这个地址：{where}。", "没有任何改动。", "请照接口说明书写地址。", http=404),
    refusal("API-METHOD", "这个地址不接受 {where}。", "没有任何改动。", "请照接口说明书写方法。", http=405),
    refusal("API-TOO-LARGE", "请求正文超过上限 {limit} KB，没有收。", "没有收下任何内容。", "请分几批送。", http=413),
    refusal("API-BODY", "请求正文不是能读的 JSON：{reason}。", "没有收下任何内容。", "请用 UTF-8 写一个 JSON 对象。", http=422),
    refusal("API-VALUES", "请求里有写得不对的，整批没有收。", "没有收下任何内容。", "请按下列各条改好后再送。", http=422),
    refusal("API-ROWS", "一批有 {count} 份，上限是 {most} 份。", "没有收下任何内容。", "请分几批送，每批用各自的批号。", http=413),
    refusal(
        "API-KEY", "批号“{where}”不能用。", "没有收下任何内容。", "批号是 1 至 64 个字母、数字和 . _ - 的任意一个，由送方自定。", http=422
    ),
    refusal(
        "API-PACKAGE-NAME",
        "请求头 Content-Disposition 里没有能读的文件名。",
        "没有收下任何内容。",
        "请写 attachment; filename*=UTF-8''文件名，文件名里不是 ASCII 的用百分号编码。",
        http=422,
    ),
    refusal(
        "API-PACKAGE-DIFFERS",
        "批号“{where}”送过，内容与这一次不同。",
        "先前收下的没有改动，这一次的没有收。",
        "改了内容请换一个批号；重送须原样。",
        http=409,
    ),
    refusal("API-PACKAGE-UNKNOWN", "没有用批号“{where}”送来的材料。", "没有任何改动。", "没有收到答复的请原样再送。", http=404),
    refusal(
        "API-PACKAGE-DIGEST",
        "批号“{where}”收到的内容与送方写的 sha256 不符，没有收。",
        "没有收下任何内容。",
        "sha256 是文件全部字节的 SHA-256，写成 64 个十六进制数字；核对后用同一个批号再送。",
        http=422,
    ),
    fault(
        "API-PACKAGE-NOT-WRITTEN",
        "收到的内容没有写进磁盘：{detail}。",
        "没有收下任何内容。",
        "请系统管理员查看磁盘，然后用同一个批号原样再送。",
    ),
    error("API-VALUE", "{place}：{reason}。"),
)
_QUARANTINE: tuple[Code, ...] = (
    refusal("QUARANTINE-DECISION", "没有“{where}”这种处置。", "隔离件原样封存。", "可选 remove（清除）或 release（解除隔离）。", http=422),
    refusal("QUARANTINE-UNKNOWN", "没有待处置的隔离件 {where}。", "", "请刷新隔离清单。", http=404),
    refusal(
        "QUARANTINE-SECOND-PERSON",
        "隔离件须由两人处置，您已提出意见，须另一人确认。",
        "隔离件原样封存。",
        "请另一位安全保密管理员登录确认。",
    ),
    refusal(
        "QUARANTINE-DISAGREE", "另一人提出的是“{where}”，与您的意见不同。", "隔离件原样封存。", "请两人商定后，由其改为一致的意见再确认。"
    ),
    refusal("QUARANTINE-CHANGED", "隔离件 {where} 刚被他人处置。", "隔离件以最新状态为准。", "请刷新后再看。"),
    fault(
        "QUARANTINE-KEY",
        "隔离密钥文件无法使用：{where}。",
        "封存件没有改动。",
        "请检查 keys/quarantine.key 是否在位、是否只有服务账户可读。",
        is_retryable=False,
    ),
    fault(
        "QUARANTINE-NOT-WRITTEN",
        "疑似涉密的一件未能封存：隔离区写不进去（{reason}）。",
        "它没有被接收，暂存的明文已抹去，原文件没有变动。",
        "请检查磁盘空间和权限，系统会自动重试。",
    ),
    fault(
        "QUARANTINE-DAMAGED",
        "封存件 {where} 缺失或已损坏，不能解封。",
        "没有写出任何内容。",
        "请核对 quarantine 目录与密钥文件；确已损坏的可按清除处置。",
        is_retryable=False,
    ),
)
_VIRUS: tuple[Code, ...] = (
    error("VIRUS-FOUND", "{where} 含有恶意代码：{name}。", "请在来源处清除后重新报送。"),
    error(
        "VIRUS-ENGINE-SILENT",
        "{where} 未能完成病毒查杀：{name}。",
        "请检查杀毒引擎（lantai doctor）后重新检测；超过引擎大小上限的，请调大上限。",
    ),
    warning("VIRUS-NOT-SCANNED", "{where} 没有经过病毒查杀，因为没有杀毒引擎。", "请安装并启动 clamd，再重新检测。"),
    warning("VIRUS-SIGNATURES-OLD", "病毒库日期为 {date}，已超过 {days} 天未更新。", "请更新病毒库（freshclam）。"),
)
_WORK: tuple[Code, ...] = (
    fault(
        "DATABASE-FULL",
        "{where} 的后台处理没有完成：数据库所在磁盘空间不足。",
        "已记下的都完整，没有记下的不算数，原文件没有变动。",
        "请扩充磁盘空间，系统会自动重试。",
    ),
    error("WORK-FAILED", "{where} 的后台处理多次未能完成，已停下等待处理。", "请查看系统日志，排除原因后重新提交处理。"),
    error("WORK-LOST", "{where} 的后台处理多次中断（进程被终止或主机失联），已停下等待处理。", "请检查后台进程与主机，再重新提交处理。"),
)
_UPLOAD: tuple[Code, ...] = (
    refusal("UPLOAD-EMPTY", "没有收到文件。", "", "请选文件或文件夹后再送。", 422),
    refusal(
        "UPLOAD-PATH", "文件名「{where}」不能用在这里，整次送入都没有收。", "原文件没有改动。", "请改短文件名或去掉上级目录后再送。", 422
    ),
    refusal("PAGE-STALE", "这一页放得太久了，或者打开它之后又重新登录过，这一步没有办。", "没有任何改动。", "请刷新这一页再试。", http=403),
    refusal(
        "HOST-UNKNOWN",
        "没有在「{where}」这个地址下提供服务。",
        "没有任何改动。",
        "请改用通知的地址打开；要用这个地址，请系统管理员把它写进设置 hosts，再重启服务。",
        http=400,
    ),
    refusal("REQUEST-UNREADABLE", "送来的内容读不下去：项太多，或者没有传全。", "没有任何改动。", "请刷新后再试，或分几次做。", http=400),
    refusal(
        "UPLOAD-TOO-LARGE",
        "这一次送入的超过上限 {limit} MB，没有收。",
        "原文件没有改动。",
        "请分几次送，或请系统管理员调大 upload_bytes（分段续传的是 upload_parts_bytes）。",
        413,
    ),
    refusal("UPLOAD-TOO-MANY", "这一次送入的文件超过 {limit} 个，没有收。", "原文件没有改动。", "请分几次送，或先打成压缩包。", 413),
    refusal(
        "UPLOAD-NO-ROOM", "服务器的磁盘放不下这一次送入的 {size} MB，没有收。", "原文件没有改动。", "请系统管理员扩充磁盘后再送。", 413
    ),
    refusal("UPLOAD-UNKNOWN", "没有这一次未传完的送入，或者不是您送的。", "", "请刷新页面后重新选文件。", 404),
    refusal("UPLOAD-PART", "这一段接不上，应传第 {due} 段。", "已传的都在。", "请刷新页面后重新选同样的文件，从断处继续。", 409),
    refusal("UPLOAD-PART-DIGEST", "这一段在途中有损坏或没有传全，没有收。", "已传的都在。", "请再传这一段。", 422),
    refusal(
        "UPLOAD-DIGEST",
        "「{where}」已传完，但收到的与您所选文件的摘要不符，没有登记。",
        "原文件没有改动。",
        "传的过程中文件可能改过，请重新选文件再送一次。",
        422,
    ),
    refusal("UPLOAD-BUSY", "这一次送入正在另一个窗口里传。", "已传的都在。", "请等那边传完，或关掉那个窗口再试。", 409),
    fault(
        "UPLOAD-NOT-WRITTEN",
        "收到的内容没有写进磁盘：{detail}。",
        "已传的都在，没有写完的不算数。",
        "请系统管理员查看磁盘，然后从断处继续。",
    ),
)

ROWS: tuple[Code, ...] = (*_ACCESS, *_POLICY, *_OVERRULE, *_PEOPLE, *_CLIENTS, *_API, *_QUARANTINE, *_VIRUS, *_WORK, *_UPLOAD)

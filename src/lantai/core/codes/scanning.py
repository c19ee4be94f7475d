"""Codes of scanned pages: what cannot be opened, what the picture lacks, and the engine that reads it."""

from lantai.core.codes.row import Code, error, fault, info, warning

_SAFE = "这一页放在一边，其余各页照常处理，原扫描件没有改动。"
_AGAIN = "请对照原件查看，必要时重新扫描这一页。"

ROWS: tuple[Code, ...] = (
    fault("SCAN-UNREADABLE", "图像“{where}”无法读取：{detail}。", _SAFE, "请重新扫描这一页，或换一个完好的文件。", is_retryable=False),
    fault(
        "SCAN-TOO-LARGE",
        "图像“{where}”的像素数 {size} 超过上限（{limit}），没有解码。",
        _SAFE,
        "请核对图像，或由系统管理员调高上限。",
        is_retryable=False,
    ),
    fault(
        "RECOGNISER-NOT-STARTED",
        "文字识别的子进程没有启动或中途退出。",
        "已识别的页面不受影响。",
        "请稍后重试；仍不成功时请系统管理员检查内存。",
    ),
    fault("RECOGNISER-ABSENT", "没有找到文字识别的模型文件 {where}。", "扫描件没有改动。", "请重新安装依赖后再试。", is_retryable=False),
    error("SCAN-RESOLUTION", "扫描分辨率 {found} dpi 低于要求的 {least} dpi。", "请按要求的分辨率重新扫描。"),
    warning("SCAN-RESOLUTION-UNKNOWN", "图像没有写明分辨率。", "请在扫描软件中写入分辨率，或在批次中注明。"),
    warning("SCAN-SKEW", "页面偏斜 {found} 度，超过 {most} 度。", "请查看纠偏后的图像，必要时重新扫描。"),
    warning("SCAN-BLURRED", "页面不够清晰（清晰度 {found}，要求不低于 {least}）。", _AGAIN),
    warning("SCAN-BLACK-BORDER", "页面有 {found} 毫米黑边，超过 {most} 毫米。", "请查看去边后的图像。"),
    warning("SCAN-LOW-CONTRAST", "页面反差过低（{found}，要求不低于 {least}）。", _AGAIN),
    info("SCAN-BLANK", "页面没有文字和图像，可能是空白页。", "请确认原件这一面确为空白。"),
    warning("SCAN-TEXT-CLIPPED", "文字紧贴图像边缘，可能没有扫全。", _AGAIN),
    warning("SCAN-CORNER-MISSING", "页面缺角或折角。", _AGAIN),
    warning("SCAN-COLOUR", "页面有红头、印章或彩色内容，扫描却不是彩色。", "请改用彩色重新扫描。"),
    warning("SCAN-INVERTED", "图像黑白颠倒，已按反色处理。", _AGAIN),
)

"""Settings of an installation: ``lantai.toml`` in the data folder, overridden by ``LANTAI_*`` variables.

``lantai config`` prints every setting with its help and where its value came from.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from lantai.ports.durability import make_durable
from lantai.ports.moving import Place

# In lantai.toml a list; in a variable words with commas between them.
_REGION = "us-east-1"
Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Every setting, with its default and its help."""

    model_config = SettingsConfigDict(env_prefix="LANTAI_", extra="ignore", frozen=True)

    data: Path = Field(Path("var"), description="数据目录，所有文件都在其下")
    kind: Literal["production", "trial"] = Field(
        "production", description="production 正式库；trial 试用库（演示用，可在无杀毒引擎时试用归档）"
    )
    secret_key: str = Field("", description="会话签名密钥，init 时生成", repr=False)
    database: str = Field("", description="留空用数据目录里的 SQLite；否则 postgresql://用户@主机/库")
    fonds: str = Field("Z109", description="全宗号")
    agency: str = Field("", description="立档单位全称")
    category: str = Field("WS", description="缺省门类代码")
    code_template: str = Field(
        "{fonds}-{category}·{year}-{retention}-{org}-{item:04d}", description="室编档号模板（DA/T 22-2015 写法为缺省）"
    )
    code_templates_accepted: tuple[str, ...] = Field(
        (
            "{fonds}-{category}·{year}·{retention}·{org}-{item:04d}",
            "{fonds}-{category}·{year}-{retention}-{org}-{item:04d}",
            "{fonds}-{category}·{year}·{retention}-{item:03d}",
            "{fonds}-{catalogue}-{volume:03d}-{item:03d}",
        ),
        description="登记原有档号时认得的写法（DA/T 13-2022、DA/T 22-2015、目录—案卷—件号）",
    )
    volume_forms_checked: bool = Field(
        False,  # noqa: FBT003 - a default
        description="案卷封面、卷内文件目录、卷内备考表、案卷目录的栏目是否已与标准原文核对；没有核对过的，表上印「栏目待核」",
    )
    volume_cover_mm: str = Field(
        "220x300",
        pattern="^(1[5-9][0-9]|2[0-9]{2}|3[0-4][0-9])x(2[6-9][0-9]|3[0-9]{2}|4[01][0-9])$",
        description="案卷封面的宽x高（毫米），按本单位的卷皮，从 150x260 到 349x419",
    )
    volume_catalogue_columns: Words = Field((), description="案卷目录在标准栏目之外加印的栏目：起止日期、件数")
    bind: str = Field("127.0.0.1", description="服务监听地址")
    port: int = Field(8420, ge=1, le=65535, description="服务端口")
    hosts: Words = Field((), description="可用来访问的主机名或地址，127.0.0.1、localhost 和监听地址之外的都要写明；监听 0.0.0.0 时必须写")
    https: bool = Field(False, description="前面有 https 代理时设为 true：会话只经 https 传送；代理须带 X-Forwarded-Proto、X-Forwarded-For")  # noqa: FBT003
    workers: int = Field(1, ge=0, description="serve 内嵌的后台进程数")
    clamd: str = Field("", description="clamd 套接字路径或 主机:端口；留空则在常见位置寻找")
    return_days: int = Field(2, ge=0, le=365, description="退回的件缺省几天内重新移交；接收界面上可逐件改")
    virus_signature_days: int = Field(7, description="病毒库最多几天未更新仍算有效")
    file_seconds: float = Field(30.0, description="读取一个文件最多几秒")
    file_memory_bytes: int = Field(2 * 1024**3, description="读取一个文件最多占多少内存（字节）")
    file_pixels: int = Field(200_000_000, description="一幅图像最多多少像素")
    unpacked_bytes: int = Field(4 * 1024**3, description="一个压缩包最多解出多少字节")
    unpacked_entries: int = Field(20_000, description="一个压缩包最多多少个条目")
    unpacked_ratio: int = Field(200, description="解压后与压缩包大小之比的上限")
    unpacked_seconds: float = Field(900.0, description="展开一个压缩包最多几秒")
    recogniser_workers: int = Field(0, ge=0, le=256, description="文字识别用几个进程，每个占一个处理器、不到 1 GB 内存；0 为处理器个数")
    recogniser_seconds: float = Field(120.0, gt=0, description="识别一页最多几秒")
    converter: str = Field("soffice", description="LibreOffice 的程序名或路径，用于显示办公文档；没有安装时只看文字层")
    converter_seconds: float = Field(60.0, description="转换一个办公文档最多几秒")
    converter_memory_bytes: int = Field(4 * 1024**3, description="转换一个办公文档最多占多少内存（字节）")
    rendition_bytes: int = Field(1024**3, description="供阅览的转换件缓存最多占多少字节，超过时先删最久未看的")
    read_confidence: float = Field(0.6, ge=0, le=1, description="从正文读出的著录项，可信度低于此值的只作建议，不自动填入")
    trusted_certificates: str = Field(
        "", description="受信任的根证书：文件或文件夹（PEM 或 DER），相对路径从数据目录算起；留空则不判断签名证书是否可信"
    )
    upload_bytes: int = Field(4 * 1024**3, description="一次上传最多多少字节；超过 upload_whole_bytes 的由页面分段传，上限另设")
    upload_whole_bytes: int = Field(64 * 1024**2, description="超过多少字节就分段传，断了能从断处继续")
    upload_part_bytes: int = Field(8 * 1024**2, ge=1, le=256 * 1024**2, description="分段传时一段多少字节")
    upload_parts_bytes: int = Field(128 * 1024**3, description="分段传的一次最多多少字节")
    upload_unfinished_hours: int = Field(72, ge=1, description="没有传完的送入，多少小时没有动静以后清理")
    eep_signed: bool = Field(True, description="导出的封装包（EEP）是否用本系统的 SM2 密钥签名并锁定")  # noqa: FBT003
    transfer_form: Literal["da_t_93", "form_2012"] = Field(
        "da_t_93", description="移交信息包的写法：da_t_93 目录文件.XML（DA/T 93-2022）；form_2012 文件目录.XML（档发〔2012〕7号）"
    )
    transfer_years: int = Field(
        10, ge=0, le=100, description="档案形成满多少年应移交（档案法实施条例：中央级和省级、设区的市级 20 年，县级 10 年）"
    )
    transfer_keeps_copy: bool = Field(True, description="移交后本单位是否自留副本（档发〔2012〕7号：至少 5 年）")  # noqa: FBT003
    store: Literal["local", "s3"] = Field("local", description="档案库放在哪里：local 数据目录下的 vault；s3 对象存储的一个存储桶")
    store_folder: str = Field("", description="store 为 local 时，档案库在哪个文件夹下（其中的 vault）；留空为数据目录")
    s3_endpoint: str = Field("", description="对象存储的地址，如 https://s3.example.gov.cn；留空为亚马逊")
    s3_bucket: str = Field("", description="存储桶的名称，须已经建好")
    s3_prefix: str = Field("", description="存储桶内的前缀，档案库在它下面的 vault/")
    s3_region: str = Field(_REGION, description="存储桶所在区域")
    backup_bucket: str = Field("", description="每夜的备份做完后再送到哪里：s3://桶/前缀?endpoint=地址；留空不送。凭据同 s3_credentials")
    backup_bucket_prunes: bool = Field(
        False,  # noqa: FBT003
        description="每夜送出以后，是否按备份计划的份数清除 backup_bucket 里的旧备份；最新的和最后一份完好的总是留着。"
        "桶自己有保留规则或对象锁定时不要开",
    )
    s3_credentials: str = Field(
        "",
        description="对象存储的凭据文件（INI，节名为存储桶或 default，项为 aws_access_key_id、aws_secret_access_key），"
        "相对路径从数据目录算起；留空用同名的环境变量（大写）。密钥不写在设置里",
    )
    export_days: int = Field(7, ge=1, description="在界面上导出的包保留多少天供下载")
    accept_automatically: Words = Field(("manual", "catalogue"), description="检测通过即自动接收的来源（档案员本人送入的）")
    leftover_minutes: int = Field(60, description="中断留下的临时文件，放多少分钟以后清理")
    copies_required: int = Field(1, ge=1, le=9, description="一件档案应保管几份，连主库在内；不足的在工作台和系统/保管里计出")
    audit_days: int = Field(0, ge=0, le=3650, description="主库和各副本每隔多少天自动做一次固化核验，0 为不自动做")
    audit_share: int = Field(100, ge=1, le=100, description="自动固化核验每次读百分之几")
    audit_megabytes_per_second: int = Field(0, ge=0, description="固化核验每秒最多读多少 MB，0 不限")
    vault_low_bytes: int = Field(10 * 1024**3, ge=0, description="档案库或副本所在磁盘的余量少于多少字节时告警")
    preserve_megabytes_per_second: int = Field(0, ge=0, description="保存检测每秒最多读多少 MB，0 不限；白天可限慢，不影响他人使用")
    preserve_grace_days: int = Field(7, ge=0, description="保存检测计划过了应做的日子多少天算逾期")
    filing_reminder_days: int = Field(60, ge=0, description="6 月 30 日归档期限之前，提前多少天起在工作台提醒应归未归")
    sample_percent: int = Field(5, ge=5, le=100, description="数字化质检抽检百分之几（DA/T 31：不少于 5%）；自动检查总是全部")
    sample_least: int = Field(20, ge=1, description="数字化质检至少抽检多少页，不足的全检")
    pass_percent: float = Field(95.0, ge=95, le=100, description="抽检合格率达到百分之几，数字化批次才通过（DA/T 31：95%）")
    describe_sure: float = Field(0.95, ge=0, le=1, description="著录界面上把握达到此值的字段可直接采纳")
    describe_glance: float = Field(0.80, ge=0, le=1, description="著录界面上把握低于此值的字段必须核对后才能提交")
    scan_dpi_least: float = Field(200, ge=72, description="扫描件低于多少 dpi 报为分辨率不足（DA/T 31：200）")
    scan_skew_most: float = Field(1.0, gt=0, description="扫描件歪斜超过多少度报为偏斜")
    scan_separators: bool = Field(True, description="收扫描件时是否认分件页上的方码")  # noqa: FBT003
    scan_undrawn_most: int = Field(3, ge=1, le=1000, description="一个 PDF 有几页画不出来后，其余页不再去画，一并搁置")
    scan_settle_seconds: float = Field(5.0, ge=0, description="扫描件停止写入多少秒后才收入，避免收到写了一半的文件")
    scan_watch_seconds: float = Field(60.0, gt=0, description="每隔几秒查看一次监视的扫描文件夹")
    slice_records: int = Field(100, description="一次事务处理多少件")
    seal_seconds: float = Field(10.0, gt=0, description="每隔几秒封存一次账本，签一个检查点；没有新事件时不签")
    witness_folders: Words = Field(
        (), description="检查点另存到哪些文件夹作见证，最好在本机管理员管不到的盘、共享或机器上；写绝对路径，变量里用逗号隔开"
    )
    renew_digest: Literal["", "sm3", "sha512", "sha384"] = Field("", description="算法将不可靠时，把旧证明按哪种摘要重新签名；留空为不做")
    personal_days: int = Field(0, ge=0, description="账本里涉及个人的内容（谁看、谁查、谁登录）保留多少天，到期销毁只留摘要；0 为一直保留")
    tsa: str = Field("", description="时间戳服务（RFC 3161）的地址，http 或 https；留空则不加盖时间戳，界面如实写明")
    tsa_digests: Words = Field(("sha256",), description="请时间戳服务按哪几种摘要各盖一次：sha256、sha384、sha512、sm3")
    tsa_certificates: str = Field("", description="时间戳服务的受信任根证书：文件或文件夹（PEM 或 DER），相对路径从数据目录算起")
    tsa_revocation: str = Field(
        "",
        description="吊销数据所在的文件夹：时间戳服务证书的吊销列表（CRL）和 OCSP 应答（DER 或 PEM），盖时间戳时一并留存；"
        "不能连到发布处的环境用，相对路径从数据目录算起",
    )
    tsa_seconds: float = Field(10.0, gt=0, description="等时间戳服务答复最多几秒；没有答复不影响归档，以后补盖")
    stamp_checkpoint_hours: int = Field(24, ge=0, description="每隔几小时给账本的检查点加盖一次时间戳；0 为只在旧时间戳将到期时")
    stamp_renew_days: int = Field(180, ge=1, description="时间戳所用证书到期之前多少天，用新的时间戳接续")
    session_minutes: int = Field(30, description="登录后空闲多少分钟须重新登录")
    login_attempts: int = Field(5, description="连续输错几次口令后锁定")
    login_lock_minutes: int = Field(10, description="锁定多少分钟")
    api_calls_a_minute: int = Field(60, ge=1, le=10_000, description="一个业务系统一分钟最多调用接口几次")
    api_bytes: int = Field(8 * 1024**2, ge=1024, le=16 * 1024**2, description="业务系统一次调用的正文最多多少字节")
    api_package_bytes: int = Field(1024**3, ge=1024, description="业务系统一次送交的归档材料最多多少字节")
    api_rows: int = Field(2000, ge=1, le=20_000, description="业务系统一批最多送多少份办结文件")
    earliest_year: int = Field(1949, description="成文年度的合理下限，早于此年报为存疑")

    @field_validator("hosts", "accept_automatically", "witness_folders", "tsa_digests", "volume_catalogue_columns", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:  # noqa: ANN401 - whatever the file or the variable holds
        """Let a variable name several words with commas between them."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("tsa")
    @classmethod
    def _is_http(cls, value: str) -> str:
        """Refuse an address of any other kind."""
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("须为空或以 http://、https:// 开头")
        return value

    @field_validator("volume_catalogue_columns")
    @classmethod
    def _are_columns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse columns that the form cannot have."""
        if unknown := set(value) - {"起止日期", "件数"}:
            raise ValueError(f"不认识的栏目 {'、'.join(sorted(unknown))}")
        return value

    @field_validator("tsa_digests")
    @classmethod
    def _are_digests(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse digests that no stamp is asked for by."""
        if unknown := set(value) - {"sha256", "sha384", "sha512", "sm3"}:
            raise ValueError(f"不认识的摘要 {'、'.join(sorted(unknown))}")
        return value

    @field_validator("database")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        """Refuse the address of any other database."""
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("须为空或以 postgresql:// 开头")
        return value

    @property
    def code_templates(self) -> tuple[str, ...]:
        """The agency's own template first, then those in which codes given elsewhere are read."""
        return (self.code_template, *self.code_templates_accepted)

    @property
    def vault_place(self) -> Place:
        """Where the vault is, as the vaults of copies are written."""
        if self.store == "local":
            return Place("disk", self.store_folder or str(self.data.resolve()))
        given = {"endpoint": self.s3_endpoint, "region": self.s3_region if self.s3_region != _REGION else ""}
        said = urlencode({name: value for name, value in given.items() if value}, safe=":/")
        path = "/".join(part for part in (self.s3_bucket, self.s3_prefix.strip("/")) if part)
        return Place("s3", f"s3://{path}" + (f"?{said}" if said else ""))

    @property
    def trusted_place(self) -> str:
        """Where the trusted certificates lie, from the root, for processes with another working folder; empty where none are named."""
        return str((self.data / self.trusted_certificates).resolve()) if self.trusted_certificates else ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let explicit values win over variables, variables over ``lantai.toml``."""
        given = env_settings() | init_settings()
        toml = TomlConfigSettingsSource(settings_cls, Path(given.get("data", "var")) / "lantai.toml")
        return init_settings, env_settings, toml


def place_settings(place: Place) -> dict[str, str]:
    """Return the settings that name a place as the vault, all of them."""
    empty = dict.fromkeys(("store_folder", "s3_bucket", "s3_prefix", "s3_endpoint"), "") | {"s3_region": _REGION}
    if place.kind == "disk":
        return {"store": "local", **empty, "store_folder": place.address}
    parts = urlsplit(place.address)
    given = {f"s3_{name}": values[0] for name, values in parse_qs(parts.query).items() if name in ("endpoint", "region")}
    return {"store": "s3", **empty, "s3_bucket": parts.netloc, "s3_prefix": parts.path.strip("/"), **given}


def rewrite(file: Path, values: Mapping[str, str | bool | list[str]]) -> None:
    """Set *values* in ``lantai.toml``, every other line as it is; durable on return. Of texts over several lines none is ours to set."""
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    tables = next((at for at, line in enumerate(lines) if line.startswith("[")), len(lines))
    head = list(_without(lines[:tables], re.compile(rf"\s*({'|'.join(values)})\s*=(.*)")))
    made = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()]
    aside = file.with_name(f".{file.name}.new")
    aside.touch(mode=0o600)
    aside.write_text("\n".join([*head, *made, *lines[tables:]]) + "\n", "utf-8")
    make_durable(file.parent)
    aside.replace(file)
    make_durable(file.parent)


def _without(lines: Iterable[str], named: re.Pattern[str]) -> Iterator[str]:
    """Yield the lines but those of the named values; a list may go over several."""
    is_inside = False
    for line in lines:
        found = named.match(line)
        if not found and not is_inside:
            yield line
        given = found[2].split("#")[0] if found else line
        is_inside = (is_inside or (found is not None and "[" in given)) and "]" not in given

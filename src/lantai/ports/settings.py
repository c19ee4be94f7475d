"""Settings of an installation: ``lantai.toml`` in the data folder, overridden by ``LANTAI_*`` variables.

``lantai config`` prints every setting with its help and where its value came from.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


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
    bind: str = Field("127.0.0.1", description="服务监听地址")
    port: int = Field(8420, description="服务端口")
    workers: int = Field(1, description="serve 内嵌的后台进程数")
    clamd: str = Field("", description="clamd 套接字路径或 主机:端口；留空则在常见位置寻找")
    virus_signature_days: int = Field(7, description="病毒库最多几天未更新仍算有效")
    file_seconds: float = Field(30.0, description="读取一个文件最多几秒")
    file_memory_bytes: int = Field(2 * 1024**3, description="读取一个文件最多占多少内存（字节）")
    file_pixels: int = Field(200_000_000, description="一幅图像最多多少像素")
    unpacked_bytes: int = Field(4 * 1024**3, description="一个压缩包最多解出多少字节")
    unpacked_entries: int = Field(20_000, description="一个压缩包最多多少个条目")
    unpacked_ratio: int = Field(200, description="解压后与压缩包大小之比的上限")
    upload_bytes: int = Field(4 * 1024**3, description="一次上传最多多少字节")
    accept_automatically: tuple[str, ...] = Field(("manual", "catalogue"), description="检测通过即自动接收的来源（档案员本人送入的）")
    slice_records: int = Field(200, description="一次事务处理多少件")
    session_minutes: int = Field(30, description="登录后空闲多少分钟须重新登录")
    login_attempts: int = Field(5, description="连续输错几次口令后锁定")
    login_lock_minutes: int = Field(10, description="锁定多少分钟")
    earliest_year: int = Field(1949, description="成文年度的合理下限，早于此年报为存疑")

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
        given = init_settings() | env_settings()
        toml = TomlConfigSettingsSource(settings_cls, Path(given.get("data", "var")) / "lantai.toml")
        return init_settings, env_settings, toml

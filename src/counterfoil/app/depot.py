"""Where the files of assets lie: a folder of this machine, or a bucket that all hosts share."""

from __future__ import annotations

from counterfoil.app.fit import UnreadyError
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.files import Depot, Files
from counterfoil.runtime.settings import Settings


def depot(settings: Settings, entropy: Entropy) -> Depot:
    """Return where the settings say that files lie.

    Raises:
        UnreadyError: if that is a bucket, and what speaks to buckets is not installed.
    """
    if not settings.bucket:
        return Files(settings.files_dir, entropy)
    try:
        from counterfoil.runtime.bucket import Bucket  # noqa: PLC0415 - fails without obstore, which the extra s3 alone installs
    except ModuleNotFoundError:
        message = f"files in {settings.bucket} need the extra s3: pip install 'counterfoil[s3]'"
        raise UnreadyError(message) from None
    return Bucket(settings.bucket, entropy)

"""What is remembered: servers and credentials by profile, in a file and in the system's keyring."""

from counterfoil.cli.profile.file import BrokenFileError, ProfileFile, default_path
from counterfoil.cli.profile.model import DEFAULT, Profile, Profiles

__all__ = [
    "DEFAULT",
    "BrokenFileError",
    "Profile",
    "ProfileFile",
    "Profiles",
    "default_path",
]

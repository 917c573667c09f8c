"""What interop tests ask of the real Python client: one JSON request as argument, one JSON answer on stdout.

Only the public API of huggingface_hub is used, plus the lock and the verification that its own commands use.
"""

import json
import logging
import os
import sys

request = json.loads(sys.argv[1])
if "umask" in request:
    os.umask(int(request["umask"], 8))

import huggingface_hub as hub
from huggingface_hub.utils import WeakFileLock

said = []


class Listener(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())


logging.getLogger("huggingface_hub").addHandler(Listener(level=logging.WARNING))


def plain(value):
    """A path, None, or the word for the client's marker of a file known to be missing."""
    if value is None or isinstance(value, (str, list)):
        return value
    return "KNOWN_MISSING"


def snapshot():
    answer = hub.snapshot_download(**request["args"])
    if not request["args"].get("dry_run"):
        return answer
    return sorted(
        ({"path": one.filename, "size": one.file_size, "fetch": one.will_download} for one in answer),
        key=lambda one: one["path"],
    )


def scan_info():
    return hub.scan_cache_dir(request["cache_dir"])


def scan():
    info = scan_info()
    return {
        "size": info.size_on_disk,
        "warnings": [str(warning) for warning in info.warnings],
        "incomplete": sorted(str(one.file_path) for one in info.incomplete_files),
        "repos": [
            {
                "id": repo.repo_id,
                "type": repo.repo_type,
                "size": repo.size_on_disk,
                "files": repo.nb_files,
                "refs": {name: revision.commit_hash for name, revision in sorted(repo.refs.items())},
                "revisions": {
                    revision.commit_hash: {
                        "size": revision.size_on_disk,
                        "files": sorted(
                            str(file.file_path.relative_to(revision.snapshot_path)) for file in revision.files
                        ),
                    }
                    for revision in repo.revisions
                },
            }
            for repo in sorted(info.repos, key=lambda repo: (repo.repo_type, repo.repo_id))
        ],
    }


def delete():
    plan = scan_info().delete_revisions(*request["revisions"])
    plan.execute()
    return {"freed": plan.expected_freed_size}


def verify():
    result = hub.HfApi().verify_repo_checksums(**request["args"])
    return {
        "checked": result.checked_count,
        "mismatches": sorted([one["path"], one["algorithm"]] for one in map(as_dict, result.mismatches)),
        "missing": sorted(result.missing_paths),
        "extra": sorted(result.extra_paths),
    }


def as_dict(value):
    return value if isinstance(value, dict) else vars(value)


def tree():
    try:
        from huggingface_hub import get_cached_repo_tree
    except ImportError:
        from huggingface_hub._snapshot_download import get_cached_repo_tree
    return sorted([file.path, file.size, file.blob_id] for file in get_cached_repo_tree(**request["args"]))


def hold_lock():
    """Holds a lock until stdin ends; says so when it has it."""
    os.makedirs(os.path.dirname(request["lock"]), exist_ok=True)
    with WeakFileLock(request["lock"]):
        print("held", flush=True)
        sys.stdin.read()


def hold_soft_lock():
    """The same with the lock that is taken where a volume has no flock."""
    from filelock import SoftFileLock

    os.makedirs(os.path.dirname(request["lock"]), exist_ok=True)
    with SoftFileLock(request["lock"]):
        print("held", flush=True)
        sys.stdin.read()


def time_lock():
    """Waits for a lock; answers whether it was had within the time given."""
    from filelock import Timeout

    try:
        with WeakFileLock(request["lock"], timeout=request["seconds"]):
            return "free"
    except Timeout:
        return "taken"


def keep(patterns):
    from huggingface_hub.utils import filter_repo_objects

    return list(filter_repo_objects(patterns["paths"], allow_patterns=patterns["allow"], ignore_patterns=patterns["ignore"]))


def publish():
    """Moves a blob into the store that newer clients share between repositories."""
    from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

    return publish_blob_to_shared_store(**request["args"])


def link_shared():
    from huggingface_hub.utils._shared_blobs import try_link_from_shared_store

    return try_link_from_shared_store(**request["args"])


def refused(calls):
    """What each call raises."""
    for args in calls:
        try:
            hub.hf_hub_download(**args)
            yield "nothing"
        except Exception as error:
            yield type(error).__name__


def save_token():
    from huggingface_hub.utils._auth import _save_token

    for name, token in request["tokens"].items():
        _save_token(token=token, token_name=name)


def switch_token():
    hub.auth_switch(request["name"])


def stored_tokens():
    from huggingface_hub.utils import get_stored_tokens

    return {"active": hub.get_token(), "stored": dict(get_stored_tokens())}


ACTIONS = {
    "file": lambda: hub.hf_hub_download(**request["args"]),
    "snapshot": snapshot,
    "load": lambda: plain(hub.try_to_load_from_cache(**request["args"])),
    "url": lambda: [hub.hf_hub_url("a/b", path) for path in request["paths"]],
    "scan": scan,
    "delete": delete,
    "verify": verify,
    "tree": tree,
    "keep": lambda: [keep(patterns) for patterns in request["cases"]],
    "hold": hold_lock,
    "hold-soft": hold_soft_lock,
    "lock": time_lock,
    "refused": lambda: list(refused(request["calls"])),
    "publish": publish,
    "link-shared": link_shared,
    "save-token": save_token,
    "switch-token": switch_token,
    "tokens": stored_tokens,
}

try:
    answer = {"value": ACTIONS[request["do"]]()}
except Exception as error:
    answer = {"error": type(error).__name__, "message": str(error)}
print(json.dumps({**answer, "said": said}))

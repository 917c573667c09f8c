"""What the interop suite asks of the real Python client. Reads one JSON request, prints one JSON answer."""

import json
import os
import sys

request = json.loads(sys.argv[1])
os.environ["HF_ENDPOINT"] = request.get("endpoint", "http://127.0.0.1:9")
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_DISABLE_XET"] = "1"
if request.get("disable_symlinks"):
    os.environ["HF_HUB_DISABLE_SYMLINKS"] = "1"

import huggingface_hub as hub
from huggingface_hub.utils import WeakFileLock


def sentinel(value):
    return value if value is None or isinstance(value, str) else "KNOWN_MISSING"


def scan():
    info = hub.scan_cache_dir(request["cache_dir"])
    return {
        "size": info.size_on_disk,
        "warnings": [str(warning) for warning in info.warnings],
        "repos": [
            {
                "id": repo.repo_id,
                "type": repo.repo_type,
                "size": repo.size_on_disk,
                "files": repo.nb_files,
                "refs": {name: revision.commit_hash for name, revision in sorted(repo.refs.items())},
                "revisions": sorted(revision.commit_hash for revision in repo.revisions),
            }
            for repo in sorted(info.repos, key=lambda repo: repo.repo_id)
        ],
    }


def hold_lock():
    os.makedirs(os.path.dirname(request["lock"]), exist_ok=True)
    with WeakFileLock(request["lock"]):
        print(json.dumps("held"), flush=True)
        sys.stdin.read()


ACTIONS = {
    "file": lambda: hub.hf_hub_download(**request["args"]),
    "snapshot": lambda: hub.snapshot_download(**request["args"]),
    "load": lambda: sentinel(hub.try_to_load_from_cache(**request["args"])),
    "scan": scan,
    "hold": hold_lock,
}

answer = ACTIONS[request["do"]]()
if answer is not None or request["do"] == "load":
    print(json.dumps(answer))

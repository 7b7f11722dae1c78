#!/usr/bin/env bash
# Run the tests on every Python from 3.11 that is found on PATH or under pyenv, each in a fresh environment.
#     tools/test_all_pythons.sh [arguments of pytest]
set -uo pipefail
cd "$(dirname "$0")/.."

found() {
    for version in 3.11 3.12 3.13 3.14; do
        for python in "$(command -v "python$version")" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
            # A pyenv shim exists even where no such version is chosen: ask it.
            if [ -x "$python" ] && "$python" -c '' 2>/dev/null; then
                echo "$python"
                break
            fi
        done
    done
}

environments=$(mktemp -d)
trap 'rm -rf "$environments"' EXIT
failed=()
count=0
for python in $(found); do
    version=$("$python" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))')
    printf '\n== Python %s ==\n' "$version"
    count=$((count + 1))
    environment=$environments/$version
    "$python" -m venv "$environment" &&
        "$environment/bin/pip" install -q --disable-pip-version-check -e '.[test]' &&
        "$environment/bin/python" -m pytest -q -n auto -p no:cacheprovider "$@" || failed+=("$version")
done
[ "$count" -gt 0 ] || { echo "no Python from 3.11 found" >&2; exit 1; }
if [ "${#failed[@]}" -gt 0 ]; then
    printf '\nfailed on %s\n' "${failed[*]}" >&2
    exit 1
fi
printf '\nall %d passed\n' "$count"

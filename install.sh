#!/bin/sh
# Builds Sluice and installs it; see --help. Every step looks first and changes nothing that is right already.
set -eu

usage() {
  cat <<'TEXT'
usage: ./install.sh [--prefix DIR] [--no-deps] [REPO.git ...]
       ./install.sh --demo
       ./install.sh --test

Builds Sluice and installs PREFIX/bin/sluice and PREFIX/libexec/sluice/* (PREFIX is /usr/local unless given),
then sets each REPO.git up with 'sluice install'. Root is not needed with a prefix of your own and the packages present.

  --demo       build, then show three submissions to a repository that is thrown away afterwards
  --test       build and run the tests
  --prefix DIR where to install
  --no-deps    install no system packages
TEXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'sluice: %s\n' "$*" >&2; exit 1; }
misuse() { printf 'sluice: %s\n' "$*" >&2; usage >&2; exit 2; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=/usr/local
mode=install
packages=yes
while [ $# -gt 0 ]; do
  case $1 in
    --demo) mode=demo ;;
    --test) mode=test ;;
    --prefix) [ $# -ge 2 ] || misuse "--prefix needs a folder"; prefix=$2; shift ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --no-deps) packages=no ;;
    -h | --help) usage; exit 0 ;;
    --) shift; break ;;
    -*) misuse "unknown option $1" ;;
    *) break ;;
  esac
  shift
done
[ "$mode" = install ] || [ $# -eq 0 ] || misuse "--$mode takes no repository"
[ -n "$prefix" ] || misuse "--prefix needs a folder"

# Packages ---------------------------------------------------------------------------------------------------------

# What is missing, as the names of Debian's packages. Programs are looked for and not packages, so that it does not
# matter where they came from.
missing_packages() {
  command -v git >/dev/null || printf 'git '
  command -v bwrap >/dev/null || printf 'bubblewrap '
  # What servers' certificates are judged by.
  [ -e /etc/ssl/certs/ca-certificates.crt ] || printf 'ca-certificates '
  if command -v pkg-config >/dev/null; then
    pkg-config --exists libgit2 || printf 'libgit2-dev '
    pkg-config --exists sqlite3 || printf 'libsqlite3-dev '
    pkg-config --exists yaml-0.1 || printf 'libyaml-dev '
    pkg-config --exists zlib || printf 'zlib1g-dev '
    pkg-config --exists libcurl || printf 'libcurl4-openssl-dev '
    pkg-config --exists libcrypto || printf 'libssl-dev '
  else
    printf 'pkg-config libgit2-dev libsqlite3-dev libyaml-dev zlib1g-dev libcurl4-openssl-dev libssl-dev '
  fi
  [ "$mode" = test ] || return 0
  # The tests ask another implementation of JSON Schema.
  python3 -c 'import jsonschema' 2>/dev/null || printf 'python3-jsonschema '
  # The tests push over ssh and over http.
  command -v ssh >/dev/null || printf 'openssh-client '
  [ -x /usr/sbin/sshd ] || command -v sshd >/dev/null || printf 'openssh-server '
  [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || printf 'nginx-light '
  [ -x /usr/sbin/fcgiwrap ] || command -v fcgiwrap >/dev/null || printf 'fcgiwrap '
}

install_packages() {
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  [ "$packages" = yes ] || fail "these packages are missing: ${missing% }"
  command -v apt-get >/dev/null || fail "these packages are missing, and there is no apt-get to install them: ${missing% }"
  root=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages are missing; as root: apt-get install ${missing% }"
    root=sudo
  fi
  say "sluice: installing ${missing% }"
  # shellcheck disable=SC2086  # the names are words
  { $root apt-get update -q && $root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } >&2 ||
    fail "apt-get could not install ${missing% }"
  missing=$(missing_packages)
  [ -z "$missing" ] || fail "still missing after the installation: ${missing% }"
}

need_swift() {
  command -v swift >/dev/null ||
    fail "swift is not on the PATH; install Swift 6.2 or newer from https://www.swift.org/install/linux and put its usr/bin there"
}

# Building ---------------------------------------------------------------------------------------------------------

# Any arrow between targets that Package.swift does not draw fails the build.
arrows='--explicit-target-dependency-import-check error'

build() {
  say "sluice: building (a first build takes some minutes)"
  # shellcheck disable=SC2086  # the flags are words
  swift build --package-path "$here" -c release --static-swift-stdlib $arrows >"$log" 2>&1 || {
    cat "$log" >&2
    fail "the build failed"
  }
  # shellcheck disable=SC2086
  built=$(swift build --package-path "$here" -c release --static-swift-stdlib $arrows --show-bin-path 2>/dev/null)
}

# Copies a program where it differs, in one step, so that a hook that runs meanwhile sees the old or the new.
place() {
  if cmp -s "$1" "$2"; then return 0; fi
  cp "$1" "$2.new" && chmod 755 "$2.new" && mv -f "$2.new" "$2" || fail "cannot write $2"
  say "  installed $2"
}

install_programs() {
  mkdir -p "$prefix/bin" "$prefix/libexec/sluice" ||
    fail "cannot create folders in $prefix; give a folder of your own with --prefix DIR, or run this as root"
  prefix=$(CDPATH='' cd -- "$prefix" && pwd)
  for hook in pre-receive proc-receive post-receive; do place "$built/$hook" "$prefix/libexec/sluice/$hook"; done
  place "$built/sluice" "$prefix/bin/sluice"
  say "sluice: $("$prefix/bin/sluice" --version) is in $prefix/bin"
}

# The demonstration ------------------------------------------------------------------------------------------------

# Shows a command as it is typed, then what it prints.
show() {
  printf '\n$ %s\n' "$1"
  status=0
  sh -c "$1" 2>&1 || status=$?
  [ "$status" -eq 0 ] || printf '[exit status %s]\n' "$status"
}

# A project in plain sh with two tests and a report in the format of JUnit.
write_project() {
  mkdir tests
  cat >greet.sh <<'TEXT'
#!/bin/sh
echo "Hello, ${1:-you}!"
TEXT
  cat >tests/run.sh <<'TEXT'
#!/bin/sh
test_greets_by_name() { [ "$(sh greet.sh World)" = 'Hello, World!' ]; }
test_greets_anybody() { [ "$(sh greet.sh)" = 'Hello, you!' ]; }

failed=0 report=
for test in $(sed -n 's/^\(test_[a-z_]*\)().*/\1/p' "$0"); do
  if $test; then
    report="$report<testcase classname='greet' name='$test'/>"
  else
    echo "failed: $test: greet.sh said: $(sh greet.sh)"
    failed=$((failed + 1))
    report="$report<testcase classname='greet' name='$test'><failure>greet.sh said: $(sh greet.sh)</failure></testcase>"
  fi
done
[ -z "${SLUICE_RESULTS:-}" ] || echo "<testsuite>$report</testsuite>" >"$SLUICE_RESULTS/junit.xml"
[ $failed -eq 0 ]
TEXT
}

write_policy() {
  cat >"$1" <<'TEXT'
version: 1
checks:
  tests:
    run: sh tests/run.sh
    results: junit
TEXT
}

# The worker that a push started would wait for more work; it is found by the repository, whose name nobody else has.
end_worker() {
  tries=0
  while [ $tries -lt 50 ]; do
    found=
    for process in /proc/[0-9]*; do
      words=$({ tr '\0' ' ' <"$process/cmdline"; } 2>/dev/null) || continue
      case $words in *" $scratch/app.git worker"*) found=yes; kill "${process#/proc/}" 2>/dev/null || : ;; esac
    done
    [ -n "$found" ] || return 0
    tries=$((tries + 1))
    sleep 0.1
  done
}

demo() {
  # Nothing of the user's own git configuration takes part.
  export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$scratch/gitconfig" HOME="$scratch"
  git config --global user.name 'Demo Agent'
  git config --global user.email agent@example.org
  git config --global init.defaultBranch main
  git config --global advice.detachedHead false
  cd "$scratch"
  git init -q project
  cd project
  write_project
  git add . && git commit -q -m 'Greet'
  cd ..
  git clone -q --bare project app.git
  write_policy policy.yml

  say; say '== The administrator sets a bare repository up =='
  show 'cat policy.yml'
  show 'sluice install --policy policy.yml app.git'
  git clone -q app.git work && cd work

  say; say '== An agent submits work, and it lands =='
  git switch -q -c polite
  sed -i 's/Hello/Good day/' greet.sh && sed -i "s/'Hello/'Good day/" tests/run.sh
  git commit -q -a -m 'Greet politely'
  show "sluice submit --task polite-greeting --agent demo-1 --test 'sh tests/run.sh' --description 'Greets politely'"

  say; say '== Another one says that its tests passed, which is not so =='
  git fetch -q && git switch -q -c loud origin/main
  sed -i 's/!/!!!/' greet.sh
  git commit -q -a -m 'Greet loudly'
  show "sluice submit --task loud-greeting --agent demo-2 --test true --description 'Greets loudly'"

  say; say '== A third one writes its package by hand and hides a file it changed =='
  git switch -q -c sly origin/main
  mkdir -p .sluice
  echo '# tests are slow' >tests/run.sh
  echo 'Just a comment' >NOTES
  cat >.sluice/package.json <<TEXT
{
  "metadata": {"agent_id": "demo-3", "task_id": "notes", "timestamp": "$(date -u +%Y-%m-%dT%H:%M:%SZ)", "submission_version": "1.0.0"},
  "status": "success",
  "changes": {"files_modified": [], "files_added": ["NOTES"], "files_deleted": []},
  "validation_results": {"tests_passed": true, "test_count": 2, "test_failures": 0},
  "documentation": {"feature_description": "Adds notes"}
}
TEXT
  git add . && git commit -q -m 'Add notes'
  show 'git push origin HEAD:refs/heads/submit/notes'

  say; say '== What is on main, and its certificate =='
  cd ../app.git
  show 'git log --oneline main'
  show 'git log --notes=sluice -1 main'
  show 'sluice status'
  show 'sluice audit'
}

# ------------------------------------------------------------------------------------------------------------------

scratch=$(mktemp -d "${TMPDIR:-/tmp}/sluice.XXXXXX")
tidy() {
  [ "$mode" != demo ] || end_worker
  rm -rf "$scratch"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
log=$scratch/build.log

install_packages
need_swift
case $mode in
  install)
    build
    install_programs
    status=0
    for repository in "$@"; do "$prefix/bin/sluice" install "$repository" || status=$?; done
    exit "$status"
    ;;
  test)
    # shellcheck disable=SC2086
    swift test --package-path "$here" $arrows
    ;;
  demo)
    build
    PATH=$built:$PATH
    demo
    ;;
esac

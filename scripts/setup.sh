# Parts of scripts/demo and scripts/test: what they set up on a fresh machine. Sourced, not run.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

require_npm() {
  command -v npm >/dev/null 2>&1 || fail 'npm is missing: install Node 20 or newer with npm (https://nodejs.org), then run this again.'
}

# npm ci, unless what is installed is exactly what the lock file says. After it, `node` is the one that the lock file
# pins, where there is one for this machine; npm's warnings are about the system's Node, which only runs npm.
install_packages() {
  if ! cmp -s package-lock.json node_modules/.installed-lock; then
    npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
    cp package-lock.json node_modules/.installed-lock
  fi
  PATH=$PWD/node_modules/.bin:$PATH
  export PATH
  major=$(node -p 'parseInt(process.versions.node)')
  [ "$major" -ge 24 ] || fail "Node 24 or newer is needed and this is Node $(node -v); there is no npm package of Node 24 for this machine, so install it (https://nodejs.org)."
}

# require_tools command:package … installs the Debian packages of the commands that are missing, or says which to install.
require_tools() {
  missing=
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing"
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    fail "Missing:$missing. As root: apt-get install$missing (or install the same with this system's package manager), then run this again."
  fi
}

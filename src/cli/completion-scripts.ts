/** Completion scripts for the shells, made from the commands and their flags. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export interface CommandWords {
  name: string
  description: string
  flags: { name: string; description: string; takesValue: boolean }[]
}

/** The whole script, without the last line end. */
export function renderCompletion(shell: Shell, commands: CommandWords[]): string {
  return { bash: renderBash, zsh: renderZsh, fish: renderFish }[shell](commands)
}

// internal

function renderBash(commands: CommandWords[]): string {
  const cases = commands.map(
    ({ name, flags }) => `    ${name}) words='${flags.map((flag) => `--${flag.name}`).join(' ')}' ;;`,
  )
  return `_ao_server() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _ao_server ao-server`
}

function renderZsh(commands: CommandWords[]): string {
  const list = commands.map(({ name, description }) => `    '${name}:${zshText(description)}'`)
  const cases = commands.map(({ name, flags }) => {
    const specs = flags.map(
      (flag) => `'--${flag.name}[${zshText(flag.description)}]${flag.takesValue ? ':value:_files' : ''}'`,
    )
    return `    ${name}) _arguments ${specs.join(' ')} '*:argument:_files' ;;`
  })
  return `#compdef ao-server
_ao_server() {
  local -a commands
  commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = "_ao-server" ]; then
  _ao_server "$@"
else
  compdef _ao_server ao-server
fi`
}

function renderFish(commands: CommandWords[]): string {
  const lines = commands.flatMap(({ name, description, flags }) => [
    `complete -c ao-server -n __fish_use_subcommand -f -a ${name} -d '${fishText(description)}'`,
    ...flags.map(
      (flag) =>
        `complete -c ao-server -n '__fish_seen_subcommand_from ${name}' -l ${flag.name} ${flag.takesValue ? '-r ' : ''}-d '${fishText(flag.description)}'`,
    ),
  ])
  return lines.join('\n')
}

/** Inside the single quotes and brackets of an _arguments specification. */
function zshText(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&').replace(/'/g, "'\\''")
}

function fishText(text: string): string {
  return text.replace(/[\\']/g, '\\$&')
}

import { didYouMean } from '../domain/nearest.ts'
import { command } from './command.ts'
import { COMMANDS } from './commands.ts'
import { type CommandWords, renderCompletion, SHELLS, type Shell } from './completion-scripts.ts'
import { UsageError } from './exit-codes.ts'

export const completion = command({
  name: 'completion',
  description: 'Print a script that completes commands and flags in your shell',
  args: { shell: { type: 'positional', required: true, description: SHELLS.join(', ') } },
  examples: [
    ['completion bash > ~/.local/share/bash-completion/completions/ao-server', 'for bash'],
    ['completion zsh > ~/.zfunc/_ao-server', 'for zsh, with ~/.zfunc in $fpath'],
    ['completion fish > ~/.config/fish/completions/ao-server.fish', 'for fish'],
  ],
  async run(args, { terminal }) {
    const shell = SHELLS.find((name) => name === args.shell)
    if (shell === undefined) {
      const near = didYouMean(args.shell, SHELLS)
      throw new UsageError(`'${args.shell}' is no known shell; expected ${SHELLS.join(', ')}.${near}`)
    }
    await terminal.print(renderCompletion(shell satisfies Shell, await readCommandWords()))
  },
})

// internal

async function readCommandWords(): Promise<CommandWords[]> {
  const visible = COMMANDS.filter(({ hidden }) => !hidden)
  return Promise.all(
    visible.map(async ({ name, description, load }) => {
      const { args } = await load()
      const flags = Object.entries(args).filter(([, arg]) => arg.type !== 'positional')
      return {
        name,
        description,
        flags: [
          ...flags.map(([flag, arg]) => ({
            name: flag,
            description: arg.description ?? '',
            takesValue: arg.type !== 'boolean',
          })),
          { name: 'help', description: 'show the help of this command', takesValue: false },
        ],
      }
    }),
  )
}

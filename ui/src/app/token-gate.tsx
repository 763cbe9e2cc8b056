/** Asks for the server's token when the server wants one; the answer is kept in a cookie that scripts cannot read. */
import { Button, Modal, PasswordInput, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useMemo, useState } from 'react'
import { request, sentenceOf, tokenWanted } from '../api/http.ts'

export interface TokenNeed {
  /** The server refused this page, because it does not have the token. */
  wanted: boolean
  ask(): void
}

export function TokenGate({ children }: { children: ReactNode }) {
  const [wanted, setWanted] = useState(false)
  const [asking, setAsking] = useState(false)
  useEffect(() => {
    const refused = (): void => {
      setWanted(true)
      setAsking(true)
    }
    tokenWanted.addEventListener('wanted', refused)
    return () => tokenWanted.removeEventListener('wanted', refused)
  }, [])
  const need = useMemo(() => ({ wanted, ask: () => setAsking(true) }), [wanted])
  return (
    <TokenContext value={need}>
      {children}
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title="This server asks for its token"
        centered
        radius={10}
      >
        <TokenForm done={() => setAsking(false)} />
      </Modal>
    </TokenContext>
  )
}

export function useTokenNeed(): TokenNeed {
  return use(TokenContext)
}

// internal

const TokenContext = createContext<TokenNeed>({ wanted: false, ask: () => {} })

function TokenForm({ done }: { done: () => void }) {
  const queries = useQueryClient()
  const [token, setToken] = useState('')
  const [error, setError] = useState<string>()

  async function send(): Promise<void> {
    try {
      await request('/api/login', { method: 'POST', body: { token } })
      done()
      // The live connection was refused as well; a fresh page is the simplest way to have everything again.
      await queries.invalidateQueries()
      location.reload()
    } catch (thrown) {
      setError(sentenceOf(thrown))
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        It is the value of AO_TOKEN that the server was started with. This browser remembers it.
      </Text>
      <PasswordInput
        label="Token"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        error={error}
        data-autofocus
      />
      <Button type="submit" mt="md" fullWidth disabled={token === ''}>
        Continue
      </Button>
    </form>
  )
}

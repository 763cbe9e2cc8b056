import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './app/tokens.css'
import './parts/direction.css'
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError } from './api/http.ts'
import { router } from './app/router.tsx'
import { colorSchemes, cssVariables, theme } from './app/theme.ts'
import { TokenGate } from './app/token-gate.tsx'
import { LiveProvider } from './live/live-context.tsx'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; only a server that cannot be reached is worth asking again.
      retry: (count, error) => count < 2 && error instanceof ApiError && error.status === 0,
    },
  },
})

const place = document.getElementById('root')
if (place === null) throw new Error('the page has no #root')
createRoot(place).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
    >
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queries}>
        <TokenGate>
          <LiveProvider>
            <ModalsProvider>
              <RouterProvider router={router} />
            </ModalsProvider>
          </LiveProvider>
        </TokenGate>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)

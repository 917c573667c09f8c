import { createHash } from 'node:crypto'
import { type Answer, answerJson, answerRefusal } from '../answer.ts'
import { invalidLogin } from '../access.ts'
import { type HubRequest } from '../hub-request.ts'

/** `GET /api/whoami-v2` */
export function answerWhoami(request: HubRequest): Answer {
  const { user } = request
  if (!user) return answerRefusal(invalidLogin, true)
  return answerJson({
    type: 'user',
    id: idOf(user.name),
    name: user.name,
    fullname: user.fullName ?? user.name,
    email: `${user.name}@example.invalid`,
    emailVerified: true,
    isPro: false,
    canPay: false,
    periodEnd: null,
    avatarUrl: '/avatars/default.svg',
    orgs: (user.orgs ?? []).map((name) => ({ type: 'org', id: idOf(name), name, fullname: name })),
    auth: {
      type: 'access_token',
      accessToken: {
        displayName: user.tokenName ?? `${user.name}-token`,
        role: user.role ?? 'read',
        createdAt: '2026-01-21T03:45:36.000Z',
      },
    },
  })
}

function idOf(name: string): string {
  return createHash('sha1').update(name).digest('hex').slice(0, 24)
}

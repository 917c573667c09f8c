import { type Answer, answerJson, answerRefusal } from '../answer.ts'
import { refuseFiles } from '../access.ts'
import { type HubRequest } from '../hub-request.ts'
import { type HubState } from '../hub-state.ts'
import { type StoredCommit, type StoredRepo } from '../repo-store.ts'

const tokenLifeSeconds = 3600

/** `GET /api/{type}s/{id}/xet-read-token/{rev}` */
export function answerXetReadToken(
  state: HubState,
  request: HubRequest,
  subject: { readonly repo: StoredRepo; readonly commit: StoredCommit },
): Answer {
  const gate = refuseFiles(subject.repo, request.user)
  if (gate) return answerRefusal(gate, true)
  const { casUrl, clock } = state.options
  if (casUrl === undefined) return answerRefusal({ status: 404, message: 'Not found' }, true)
  const exp = Math.floor(clock.now() / 1000) + tokenLifeSeconds
  const accessToken = `xet_${subject.commit.hash.slice(0, 12)}_${exp}`
  return answerJson(
    { accessToken, casUrl, exp },
    {
      'X-Xet-Access-Token': accessToken,
      'X-Xet-Cas-Url': casUrl,
      'X-Xet-Token-Expiration': String(exp),
    },
  )
}

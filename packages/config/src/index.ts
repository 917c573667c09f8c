export { renderConfigReference } from './config-reference.ts'
export { explainConfig, type ExplainedOption, formatValue } from './explain-config.ts'
export { findProjectFile, findUserFile, readConfigFile, userConfigFolder } from './config-file.ts'
export type { Layer } from './layer.ts'
export { type OptionValue, parseBytes, parseDuration, parsePolicy } from './parse-value.ts'
export { type Environment, expandPath, hubHome, readEnvironment } from './read-environment.ts'
export {
  type ConfigSources,
  type GivenOptions,
  resolveConfig,
  type ResolvedConfig,
} from './resolve-config.ts'
export type { Settings } from './settings.ts'
export { findAmbientToken, findTokenPlace } from './ambient-token.ts'
export { type FoundToken, tokenPath } from './found-token.ts'
export type { TokenExchangeDeps } from './token-request.ts'
export { createTokenSource, type TokenOption, type TokenSourceOptions } from './token-source.ts'
export {
  isOptionName,
  optionGroups,
  type OptionName,
  optionNames,
  type OptionSpec,
  vocabulary,
} from './vocabulary.ts'
export {
  formatStoredTokens,
  parseStoredTokens,
  type StoredProfile,
  toProfileName,
} from './stored-tokens.ts'
export { createTokenStore, type TokenProfile, type TokenStore } from './token-store.ts'
export { setOption } from './set-option.ts'

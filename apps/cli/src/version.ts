import manifest from '../package.json' with { type: 'json' }

/** Version of the package, from its manifest: one place to say it, beside sources and in bundles alike. */
export const version: string = manifest.version

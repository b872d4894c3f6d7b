/** The version of Camplane that this is; a test compares it with package.json. */
export const version = '0.1.0';

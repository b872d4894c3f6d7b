import pg from 'pg';

/** Creates an empty database on a server. @returns its URL */
export async function newDatabase(serverUrl: string, name: string): Promise<string> {
  await runSql(serverUrl, `create database ${pg.escapeIdentifier(name)}`);
  // The test server commits asynchronously, and would lose commits when it is killed.
  await runSql(serverUrl, `alter database ${pg.escapeIdentifier(name)} set synchronous_commit = on`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs statements on a database directly. */
export async function runSql(databaseUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

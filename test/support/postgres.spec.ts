import { describeWithPostgres, queryPostgres, startPostgres, type PostgresServer } from './postgres.js';

describeWithPostgres('a started PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('keeps its data and its port over a kill and a restart', async () => {
    const url = await postgres.createDatabase();
    await queryPostgres(url, 'CREATE TABLE greeting (text text); INSERT INTO greeting VALUES (1)');
    await postgres.kill();
    await expect(queryPostgres(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.restart();
    expect(await queryPostgres(url, 'SELECT text FROM greeting')).toEqual([{ text: '1' }]);
  });

  it('has databases that know nothing of each other', async () => {
    const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await queryPostgres(one, 'CREATE TABLE mine ()');
    await expect(queryPostgres(other, 'TABLE mine')).rejects.toThrow('does not exist');
  });
});

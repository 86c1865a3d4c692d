// Remembers in one server what another computes.
const { time_difference, target } = await time.convert_time({
  source_timezone: "UTC", time: "12:00", target_timezone: "Asia/Tokyo",
});
await memory.create_entities({
  entities: [
    { name: "Tokyo", entityType: "city", observations: [`UTC ${time_difference}`] },
    { name: "Ada", entityType: "person", observations: [] },
  ],
});
await memory.create_relations({ relations: [{ from: "Ada", to: "Tokyo", relationType: "lives in" }] });
const { entities, relations } = await memory.search_nodes("Tokyo");
return {
  noon: target.datetime.slice(11, 16),
  remembered: entities.find(({ name }) => name === "Tokyo").observations,
  relations: (await memory.read_graph()).relations.map(({ from, relationType, to }) => `${from} ${relationType} ${to}`),
};

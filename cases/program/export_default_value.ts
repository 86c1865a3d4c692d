const total = await orders.count({});
export default { total };
const after = 1;

const handler = async (input) => input;
export default handler;

// Every kind of content, and what is no tool: resources and prompts.
const show = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `${value.length} bytes, ${String.fromCharCode(...value.slice(0, 4))}`;
  if (Array.isArray(value)) return value.map(show);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, value]) => [key, show(value)]));
};
const { folder } = input as { folder: string };
const reference = (resourceType: string) => everything.get_resource_reference({ resourceType, resourceId: 1 });
const resources = await codemode.resources.list("everything");
const prompts = await codemode.prompts.list("everything");
const [text] = await codemode.resources.read("everything", "demo://resource/dynamic/text/2");
const [blob] = await codemode.resources.read("everything", "demo://resource/dynamic/blob/2");
const prompt = await codemode.prompts.get("everything", "args-prompt", { city: "Rome" });
return show({
  text: await everything.echo({ message: "hi" }),
  structured: Object.keys(await everything.get_structured_content({ location: "Chicago" })),
  image: (await everything.get_tiny_image())[1],
  audio: (await files.read_media_file({ path: `${folder}/sound.wav` }))._content,
  link: (await everything.get_resource_links({ count: 1 }))[1].uri,
  embedded: Object.keys((await reference("Text"))[1].resource),
  bytes: new TextDecoder().decode((await reference("Blob"))[1].resource.blob).slice(0, 10),
  progress: await everything.trigger_long_running_operation({ duration: 0.1, steps: 2 }),
  resources: resources.some(({ uri }) => uri.endsWith("/features.md")),
  templates: resources.filter(({ uriTemplate }) => uriTemplate).length,
  read: [text.mimeType, text.text.slice(0, 10), blob.blob instanceof Uint8Array],
  prompts: prompts.map(({ name }) => name).includes("args-prompt"),
  prompt: prompt.messages[0].content,
  none: await codemode.prompts.list("files").catch((error: any) => error.message),
});

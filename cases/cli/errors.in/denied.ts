const { result } = await demo.calculate({ expression: "6 * 7" });
return [result, await demo.get_weather({ city: "Tokyo" })];

return await demo.get_weather({ town: "Tokyo" });

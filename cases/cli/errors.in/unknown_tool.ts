return await demo.get_wether({ city: "Tokyo" });

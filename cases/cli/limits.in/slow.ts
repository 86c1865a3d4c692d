return await demo.slow({ ms: 600000 });

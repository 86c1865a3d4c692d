return await demo.crash({});

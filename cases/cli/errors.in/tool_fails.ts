const stock = 0;
await demo.fail({ message: `only ${stock} left` });

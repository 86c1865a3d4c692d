return shop.addOrder({ body: { items: [{ product: "tea", count: 0 }] } });

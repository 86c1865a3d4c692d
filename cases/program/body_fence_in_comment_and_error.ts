/*
```ts
await danger.drop({});
```
*/
return 1 +;

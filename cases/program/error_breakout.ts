})(); evil(); (async () => {

import Testing

@Suite struct CardDataTests {}

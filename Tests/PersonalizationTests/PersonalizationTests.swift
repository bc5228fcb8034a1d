import Testing

@Suite struct PersonalizationTests {}

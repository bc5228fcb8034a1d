import Testing

@Suite struct CardLayoutTests {}

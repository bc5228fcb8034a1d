import Testing

@Suite struct IssuingTests {}

import Testing

@Suite struct SmartCardReaderTests {}

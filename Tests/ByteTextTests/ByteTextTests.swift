import Testing

@Suite struct ByteTextTests {}

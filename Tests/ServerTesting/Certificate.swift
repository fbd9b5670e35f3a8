// Certificates for servers that prove who they are.

/// A certificate of the tests' own, made by openssl.
public enum Certificate {
  /// The command that makes a key `name.key` and a certificate `name.pem` in the folder where it runs.
  ///
  /// - Parameter authority: who signs, in the same folder; nil for an authority.
  public static func making(_ name: String, signedBy authority: String?) -> [String] {
    let signed =
      authority.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-addext", "subjectAltName=DNS:\(name)"] } ?? []
    return [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-keyout", "\(name).key", "-out", "\(name).pem",
    ] + signed
  }
}

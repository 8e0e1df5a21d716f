"""還付の支払の方法と請求権の時効 (ways of paying refunds, and the end of the claim to them). F-RF-006 to F-RF-009, R-113."""

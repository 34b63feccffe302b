(** The transformer over the reals, with softmax: Transformer.v with [softmax] for [hard]; and where the two agree, or nearly.

    Uses the prover's axioms of the reals; statements 1 to 6 do not. *)
From Coq Require Import List QArith Qreals Reals Lra Lia Bool ZArith PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Locate Address Read Rules Decide
  Unembedding NextToken SoftmaxAttention.
Import ListNotations.
Open Scope R_scope.
Local Notation R := Rdefinitions.R.

(** ** The transformer over the reals, with softmax: Transformer.v with [softmax] for [hard]. Weights are rational. *)
Section Semantics.
  Definition real_vec := dir -> R.
  Definition real_dot (w : terms dir) (x : real_vec) : R := rsum (fun p => Q2R (snd p) * x (fst p)) w.
  Definition real_coeff (w : terms dir) (d : dir) : R := Q2R (coeff dir_dec w d).
  Definition real_relu (x : R) : R := Rmax 0 x.
  Definition real_score (h : head dir) (query key : real_vec) : R :=
    rsum (fun ch => real_dot (fst ch) query * real_dot (snd ch) key) (match_channels h).
  Definition real_attention (h : head dir) (s : list (list row) -> real_vec) (c : list (list row)) (d : dir) : R :=
    rsum (fun ch => real_coeff (snd ch) d * softmax (fun c' => real_score h (s c) (s c')) (fun c' => real_dot (fst ch) (s c')) (tails c))
      (value_channels h).
  Definition real_feed_forward (us : list (ff_unit dir)) (x : real_vec) (d : dir) : R :=
    rsum (fun u => real_coeff (out u) d * (real_relu (real_dot (gate u) x) * real_dot (times u) x)) us.
  Definition real_after_attention (b : block dir) (s : list (list row) -> real_vec) (c : list (list row)) : real_vec := fun d =>
    s c d + rsum (fun h => real_attention h s c d) (heads b).
  Definition real_after_block (s : list (list row) -> real_vec) (b : block dir) (c : list (list row)) : real_vec := fun d =>
    real_after_attention b s c d + real_feed_forward (units b) (real_after_attention b s c) d.
  Definition real_residual (N : transformer dir row) : list (list row) -> real_vec :=
    fold_left real_after_block (blocks N) (fun c d => Q2R (embed dir_dec N c d)).
  Definition real_logit (N : transformer dir row) (c : list (list row)) (token : list row) : R :=
    rsum (fun r => real_dot (W_U N r) (real_residual N c)) token.
End Semantics.

(** ** From rationals to reals *)
Lemma Q2R_0 : Q2R 0 = 0.
Proof. unfold Q2R. cbn [Qnum Qden]. apply Rmult_0_l. Qed.
Lemma Q2R_1 : Q2R 1 = 1.
Proof. unfold Q2R. cbn [Qnum Qden]. rewrite Rinv_1. apply Rmult_1_l. Qed.
Lemma rsum_ext {X} (f g : X -> R) l : (forall x, In x l -> f x = g x) -> rsum f l = rsum g l.
Proof. intros H. rewrite <- (Rmult_1_l (rsum g l)). apply rsum_scale. intros x I. rewrite (H x I). ring. Qed.
Lemma rsum_map {X Y} (f : Y -> R) (g : X -> Y) l : rsum f (map g l) = rsum (fun x => f (g x)) l.
Proof. induction l as [|x l IH]; cbn; [reflexivity|]. unfold rsum in IH. now rewrite IH. Qed.
Lemma rsum_app {X} (f : X -> R) l m : rsum f (l ++ m) = rsum f l + rsum f m.
Proof.
  induction l as [|x l IH]; [change (rsum f m = 0 + rsum f m); ring|]. change (f x + rsum f (l ++ m) = f x + rsum f l + rsum f m). rewrite IH. ring.
Qed.
Lemma rsum_flat_map {X Y} (f : Y -> R) (g : X -> list Y) l : rsum f (flat_map g l) = rsum (fun x => rsum f (g x)) l.
Proof. induction l as [|x l IH]; [reflexivity|]. cbn [flat_map]. rewrite rsum_app, IH. reflexivity. Qed.
Lemma rsum_single {X} (f : X -> R) l x : NoDup l -> In x l -> (forall y, In y l -> y <> x -> f y = 0) -> rsum f l = f x.
Proof.
  intros N I H. induction l as [|a l IH]; [destruct I|]. inversion N as [|? ? Na N']; subst. change (f a + rsum f l = f x). destruct I as [->|I].
  - rewrite (rsum_ext f (fun _ => 0 * 1) l), (rsum_scale 0 _ (fun _ => 1)); [ring|reflexivity|]. intros y Iy. rewrite (H y); [ring|now right|]. intros ->; contradiction.
  - rewrite (H a), IH; auto; [ring| |now left|intros ->; contradiction]. intros y Iy. apply H. now right.
Qed.
Lemma rsum_zero {X} (f : X -> R) l : (forall x, In x l -> f x = 0) -> rsum f l = 0.
Proof. intros H. rewrite (rsum_scale 0 f (fun _ => 1) l); [ring|]. intros x I. rewrite (H x I). ring. Qed.
Lemma Q2R_sum {X} (f : X -> Q) l : Q2R (sum f l) = rsum (fun x => Q2R (f x)) l.
Proof. induction l as [|x l IH]; cbn; [apply Q2R_0|]. rewrite Q2R_plus. unfold rsum, sum in IH. now rewrite IH. Qed.
Lemma Q2R_size {X} (l : list X) : Q2R (size l) = INR (length l).
Proof. unfold size, Q2R, inject_Z. cbn [Qnum Qden]. rewrite <- INR_IZR_INZ, Rinv_1. apply Rmult_1_r. Qed.
Lemma Q2R_le x y : (x <= y)%Q -> Q2R x <= Q2R y.
Proof. apply Qle_Rle. Qed.
Lemma Q2R_relu x : real_relu (Q2R x) = Q2R (relu x).
Proof.
  unfold real_relu, relu. destruct (Qlt_le_dec 0 x) as [H|H].
  - apply Qlt_Rlt in H. rewrite Q2R_0 in H. apply Rmax_right. lra.
  - apply Qle_Rle in H. rewrite Q2R_0 in *. apply Rmax_left. lra.
Qed.
Lemma dot_exact w (x : real_vec) (y : vec) : (forall p, In p w -> x (fst p) = Q2R (y (fst p))) -> real_dot w x = Q2R (dot w y).
Proof. intros H. unfold real_dot, dot. rewrite Q2R_sum. apply rsum_ext. intros p I. rewrite Q2R_mult, (H p I). reflexivity. Qed.
Lemma rsum_difference {X} (f g : X -> R) l : rsum f l - rsum g l = rsum (fun x => f x - g x) l.
Proof.
  induction l as [|x l IH]; [cbn; ring|]. change (f x + rsum f l - (g x + rsum g l) = f x - g x + rsum (fun x => f x - g x) l).
  rewrite <- IH. ring.
Qed.
Lemma softmax_ext {X} (s s' v v' : X -> R) l : (forall x, In x l -> s x = s' x) -> (forall x, In x l -> v x = v' x) ->
  softmax s v l = softmax s' v' l.
Proof.
  intros Hs Hv. unfold softmax. rewrite (rsum_ext (fun x => exp (s x) * v x) (fun x => exp (s' x) * v' x)) by (intros; now rewrite Hs, Hv).
  now rewrite (rsum_ext (fun x => exp (s x)) (fun x => exp (s' x))) by (intros; now rewrite Hs).
Qed.
Lemma softmax_map {X Y} (g : X -> Y) (s v : Y -> R) l : softmax s v (map g l) = softmax (fun x => s (g x)) (fun x => v (g x)) l.
Proof. unfold softmax. now rewrite !rsum_map. Qed.
Lemma Q2R_mean {X} (v : X -> Q) l : l <> [] -> Q2R (sum v l / size l) = mean (fun x => Q2R (v x)) l.
Proof.
  intros N. unfold mean. rewrite Q2R_div, Q2R_sum, Q2R_size; [reflexivity|].
  destruct l as [|x l]; [congruence|]. pose proof (size_pos (x :: l) x (or_introl eq_refl)) as P. intros E. rewrite E in P. discriminate.
Qed.

(** Softmax where all scores are 0 is the mean; where the best lead by m, it is near it. *)
Lemma softmax_flat {X} (v : X -> Q) (s : X -> R) (s' : X -> Q) l : l <> [] -> (forall x, In x l -> s x = 0) -> (forall x, In x l -> s' x == 0)%Q ->
  softmax s (fun x => Q2R (v x)) l = Q2R (hard s' v l).
Proof.
  intros N H H'. rewrite (Qeq_eqR _ _ (hard_mean s' v l 0 N H')), Q2R_mean by auto. unfold softmax, mean.
  rewrite (rsum_ext (fun x => exp (s x) * Q2R (v x)) (fun x => Q2R (v x))) by (intros x I; rewrite (H x I), exp_0; ring).
  rewrite (rsum_ext (fun x => exp (s x)) (fun _ => 1)) by (intros x I; now rewrite (H x I), exp_0). now rewrite rsum_const.
Qed.
Lemma softmax_near {X} (s v : X -> Q) (p : X -> bool) (top m : Q) l :
  (exists x, In x l /\ p x = true) -> (forall x, In x l -> p x = true -> s x == top)%Q ->
  (forall x, In x l -> p x = false -> s x <= top - m)%Q -> (0 < m)%Q -> (forall x, In x l -> Rabs (Q2R (v x)) <= 1) ->
  Rabs (softmax (fun x => Q2R (s x)) (fun x => Q2R (v x)) l - Q2R (hard s v l)) <= 2 * INR (length l) * exp (- Q2R m).
Proof.
  intros E HT HF Hm HB. assert (N : filter p l <> []).
  { destruct E as (x & I & P). intros Z. assert (J : In x (filter p l)) by (apply filter_In; auto). rewrite Z in J. destruct J. }
  assert (Less : (top - m < top)%Q).
  { apply Qlt_minus_iff. setoid_replace (top + - (top - m))%Q with m by ring. exact Hm. }
  rewrite (Qeq_eqR _ _ (hard_spec s v p top l E HT (fun x I P => Qle_lt_trans _ _ _ (HF x I P) Less))).
  rewrite Q2R_mean by auto. eapply Rle_trans.
  - apply (softmax_hard (fun x => Q2R (s x)) (fun x => Q2R (v x)) p (Q2R top) (Q2R m) 1 l E); auto.
    + intros x I P. now apply Qeq_eqR, HT.
    + intros x I P. specialize (HF x I P). apply Qle_Rle in HF. rewrite Q2R_minus in HF. exact HF.
  - assert (L : (length (filter (fun x => negb (p x)) l) <= length l)%nat).
    { clear. induction l as [|x l IH]; cbn [filter]; [lia|]. destruct (negb (p x)); cbn [length]; lia. }
    apply le_INR in L. pose proof (exp_pos (- Q2R m)). pose proof (pos_INR (length (filter (fun x => negb (p x)) l))). nra.
Qed.

(** Saturation takes away what is too small to be seen. *)
Lemma real_saturation (K : Q) (b : bool) (v x : Q) (y e : R) : (1 <= v)%Q -> (3 * v <= K)%Q -> (x == ind b / v)%Q -> Rabs (y - Q2R x) <= e ->
  0 <= e -> Q2R K * e <= 1 -> real_relu (Q2R K * y - 1) - real_relu (Q2R K * y - 2) = Q2R (ind b).
Proof.
  intros Hv HK Ex He Hp Hl. assert (V : 1 <= Q2R v) by (apply Qle_Rle in Hv; now rewrite Q2R_1 in Hv).
  assert (KV : 3 * Q2R v <= Q2R K).
  { apply Qle_Rle in HK. rewrite Q2R_mult in HK. replace (Q2R 3) with 3 in HK; [exact HK|]. unfold Q2R. cbn [Qnum Qden]. rewrite Rinv_1. ring. }
  assert (Nv : ~ (v == 0)%Q) by (intros E; rewrite E in Hv; apply Hv; reflexivity).
  apply Qeq_eqR in Ex. rewrite Q2R_div in Ex by exact Nv. pose proof (Rle_abs (y - Q2R x)) as H1. pose proof (Rle_abs (- (y - Q2R x))) as H2. rewrite Rabs_Ropp in H2.
  unfold real_relu. destruct b; cbn [one_if] in *.
  - change (inject_Z 1) with 1%Q in *. rewrite Q2R_1 in *. assert (T : 3 <= Q2R K * Q2R x).
    { rewrite Ex. unfold Rdiv. rewrite Rmult_1_l. apply (Rmult_le_reg_r (Q2R v)); [lra|]. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    assert (P : 2 <= Q2R K * y) by nra. rewrite !Rmax_right by lra. ring.
  - change (inject_Z 0) with 0%Q in *. rewrite Q2R_0 in *. assert (Zx : Q2R x = 0) by (rewrite Ex; unfold Rdiv; ring).
    assert (P : Q2R K * y <= 1) by nra. rewrite !Rmax_left by lra. ring.
Qed.

(** ** A block whose heads have no queries and keys, over an exact stream: LOCATE and ADDRESS *)
Section Exact.
  Variables (s : list (list row) -> real_vec) (r : list (list row) -> vec (D := dir)).
  Hypothesis exact : forall c d, c <> [] -> s c d = Q2R (r c d).

  Lemma quiet_attention h c d : match_channels h = [] -> c <> [] ->
    real_attention h s c d = Q2R (attention dir_dec h (r c) (map r (tails c)) d).
  Proof.
    intros E N. unfold real_attention, attention. rewrite Q2R_sum. apply rsum_ext. intros ch _. rewrite Q2R_mult. unfold real_coeff. f_equal.
    rewrite (Qeq_eqR _ _ (hard_map r (score h (r c)) (dot (fst ch)) (tails c))).
    rewrite <- (softmax_flat _ (fun c' => real_score h (s c) (s c'))).
    - apply softmax_ext; [reflexivity|]. intros c' I. apply dot_exact. intros p _. apply exact.
      destruct (tails_cons _ _ I) as (t & l & ->). discriminate.
    - destruct c; [congruence|discriminate].
    - intros c' _. unfold real_score. rewrite E. reflexivity.
    - intros c' _. unfold score. rewrite E. reflexivity.
  Qed.
  Lemma quiet_block b c d : (forall h, In h (heads b) -> match_channels h = []) -> c <> [] ->
    real_after_block s b c d = Q2R (after_block dir_dec r b c d).
  Proof.
    intros H N. assert (A : forall d, real_after_attention b s c d = Q2R (after_attention dir_dec b r c d)).
    { intros d'. unfold real_after_attention, after_attention. rewrite Q2R_plus, exact, Q2R_sum by auto. f_equal. apply rsum_ext.
      intros h Ih. apply quiet_attention; auto. }
    unfold real_after_block, after_block. rewrite Q2R_plus, A. f_equal. unfold real_feed_forward, feed_forward. rewrite Q2R_sum.
    apply rsum_ext. intros u _. rewrite !Q2R_mult. unfold real_coeff. f_equal.
    rewrite (dot_exact (gate u) _ (after_attention dir_dec b r c)), (dot_exact (times u) _ (after_attention dir_dec b r c)), Q2R_relu by auto.
    reflexivity.
  Qed.
End Exact.

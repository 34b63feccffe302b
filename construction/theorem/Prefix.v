(** The tensors compute what Transformer.v says of prefixes: positions and matrices there, contexts and terms here.

    [exported] is what construction/theorem/export.py writes: the non-zero entries of each tensor, by rows and columns. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Permutation Setoid Morphisms.
From Tapehead Require Import Sums Transformer.
From Tapehead Require Tensors.
Import ListNotations.
Open Scope Q_scope.

(** Rows of W_E; W_pos; heads as columns of W_Q and W_K and columns of W_V and rows of W_O, channel by channel; units as
    columns of W_gate and W_in and rows of W_out; columns of W_U. *)
Record exported := Exported {
  columns : nat; embed_rows : list (terms nat); position : terms nat; in_blocks : list (block nat); unembed_columns : list (terms nat) }.

(** ** The tensors that have these entries, and the transformer over numbers *)
Section Meaning.
  Variable e : exported.
  Definition entry (w : terms nat) (i : nat) : Q := coeff Nat.eq_dec w i.
  Definition head_tensors (h : head nat) : Tensors.head :=
    let pair (l : list (terms nat * terms nat)) c := nth c l ([], []) in {|
    Tensors.d_head := length (match_channels h);
    Tensors.W_Q := fun m c => entry (fst (pair (match_channels h) c)) m;
    Tensors.W_K := fun m c => entry (snd (pair (match_channels h) c)) m;
    Tensors.W_V := fun m c => entry (fst (pair (value_channels h) c)) m;
    Tensors.W_O := fun c m => entry (snd (pair (value_channels h) c)) m |}.
  Definition block_tensors (b : block nat) : Tensors.block :=
    let unit u := nth u (units b) (Unit [] [] []) in {|
    Tensors.heads := map head_tensors (heads b);
    Tensors.d_mlp := length (units b);
    Tensors.W_gate := fun m u => entry (gate (unit u)) m;
    Tensors.W_in := fun m u => entry (times (unit u)) m;
    Tensors.W_out := fun u m => entry (out (unit u)) m |}.
  Definition tensors_of : Tensors.tensors := {|
    Tensors.d_model := columns e;
    Tensors.W_E := fun r m => entry (nth r (embed_rows e) []) m;
    Tensors.W_pos := entry (position e);
    Tensors.blocks := map block_tensors (in_blocks e);
    Tensors.W_U := fun m r => entry (nth r (unembed_columns e) []) m |}.
  Definition numbered : transformer nat nat := {|
    W_E := fun r => nth r (embed_rows e) []; W_pos := position e; blocks := in_blocks e;
    W_U := fun r => nth r (unembed_columns e) [] |}.

  (** What is read is within the width, and each head has as many match channels as value channels. *)
  Definition within (w : terms nat) : bool := forallb (fun p => Nat.ltb (fst p) (columns e)) w.
  Definition head_fits (h : head nat) : bool :=
    Nat.eqb (length (match_channels h)) (length (value_channels h))
    && forallb (fun ch => within (fst ch) && within (snd ch)) (match_channels h)
    && forallb (fun ch => within (fst ch)) (value_channels h).
  Definition block_fits (b : block nat) : bool :=
    forallb head_fits (heads b) && forallb (fun u => within (gate u) && within (times u)) (units b).
  Definition well_sized : bool := forallb block_fits (in_blocks e) && forallb within (unembed_columns e).
End Meaning.

(** ** Attention does not mind the order of positions *)
Lemma filter_permutation {X} (p : X -> bool) l m : Permutation l m -> Permutation (filter p l) (filter p m).
Proof.
  induction 1; cbn [filter]; auto.
  - destruct (p x); auto.
  - destruct (p x), (p y); auto. apply perm_swap.
  - eauto using perm_trans.
Qed.
Lemma size_permutation {X} (l m : list X) : Permutation l m -> size l == size m.
Proof. intros P. unfold size. now rewrite (Permutation_length P). Qed.
Lemma largest_permutation {X} (f : X -> Q) l m : Permutation l m -> largest f l == largest f m.
Proof.
  intros P. destruct l as [|x l]; [apply Permutation_nil in P as ->; reflexivity|].
  assert (N : m <> []) by (intros ->; apply Permutation_sym, Permutation_nil in P; discriminate).
  destruct (largest_reached f (x :: l)) as (a & Ia & Ea); [discriminate|]. destruct (largest_reached f m N) as (b & Ib & Eb).
  pose proof (largest_upper f m a (Permutation_in _ P Ia)). pose proof (largest_upper f (x :: l) b (Permutation_in _ (Permutation_sym P) Ib)).
  rewrite Ea, Eb in *. lra.
Qed.
Lemma hard_permutation {X} (s v : X -> Q) l m : Permutation l m -> hard s v l == hard s v m.
Proof.
  intros P. unfold hard. assert (A : Permutation (attended s l) (attended s m)).
  { unfold attended. rewrite (filter_ext_in _ (fun x => if Qeq_dec (s x) (largest s m) then true else false) l).
    - now apply filter_permutation.
    - intros x _. pose proof (largest_permutation s l m P).
      destruct (Qeq_dec (s x) (largest s l)), (Qeq_dec (s x) (largest s m)); auto; exfalso; lra. }
  now rewrite (sum_permutation v _ _ A), (size_permutation _ _ A).
Qed.

(** ** Positions and prefixes *)
Lemma firstn_next {X} (l : list X) p d : (p < length l)%nat -> firstn (S p) l = firstn p l ++ [nth p l d].
Proof.
  revert p. induction l as [|x l IH]; intros p H; cbn [length] in H; [lia|]. destruct p as [|p]; [reflexivity|].
  change (firstn (S (S p)) (x :: l)) with (x :: firstn (S p) l). rewrite (IH p) by lia. reflexivity.
Qed.
Definition prefix {X} (l : list X) (p : nat) : list X := rev (firstn (S p) l).
Lemma prefix_cons {X} (l : list X) p d : (p < length l)%nat -> prefix l p = nth p l d :: rev (firstn p l).
Proof. intros H. unfold prefix. rewrite (firstn_next l p d H), rev_app_distr. reflexivity. Qed.
Lemma tails_prefix {X} (l : list X) p : (p < length l)%nat -> tails (prefix l p) = map (prefix l) (rev (seq 0 (S p))).
Proof.
  induction p as [|p IH]; intros H; destruct l as [|d l]; try (cbn in H; lia).
  - reflexivity.
  - rewrite (prefix_cons (d :: l) (S p) d H). rewrite seq_S, rev_app_distr. cbn [rev app map plus tails].
    f_equal; [now rewrite (prefix_cons (d :: l) (S p) d H)|]. apply IH. lia.
Qed.

Lemma total_nth {X} (F : X -> Q) l d : sum F l == Tensors.total (length l) (fun i => F (nth i l d)).
Proof.
  unfold Tensors.total. enough (E : forall s, sum (fun i => F (nth (i - s) l d)) (seq s (length l)) == sum F l).
  { rewrite <- (E 0%nat). apply sum_ext. intros i _. now rewrite Nat.sub_0_r. }
  induction l as [|x l IH]; intros s; [reflexivity|]. cbn [length seq]. rewrite !sum_cons, Nat.sub_diag. cbn [nth].
  rewrite <- (IH (S s)). apply Qplus_comp; [reflexivity|]. apply sum_ext. intros i I. apply in_seq in I.
  replace (i - s)%nat with (S (i - S s)) by lia. reflexivity.
Qed.
Lemma total_ext n f g : (forall i, (i < n)%nat -> f i == g i) -> Tensors.total n f == Tensors.total n g.
Proof. intros H. apply sum_ext. intros i I. apply in_seq in I. apply H. lia. Qed.

Section Same.
  Variable e : exported.
  Hypothesis sized : well_sized e = true.

  Lemma total_dot w x : within e w = true -> Tensors.total (columns e) (fun m => x m * entry w m) == dot w x.
  Proof.
    intros H. unfold within in H. rewrite forallb_forall in H. unfold Tensors.total, entry, coeff, dot. induction w as [|(i, a) w IH].
    - rewrite sum_zero; [reflexivity|]. intros m _. rewrite sum_nil. ring.
    - rewrite (sum_ext _ (fun m => x m * (if Nat.eq_dec i m then a else 0)
        + x m * sum (fun p => if Nat.eq_dec (fst p) m then snd p else 0) w)) by (intros m _; rewrite sum_cons; cbn [fst snd]; ring).
      rewrite sum_plus, sum_cons, IH by (intros p I; apply H; now right). cbn [fst snd].
      specialize (H _ (or_introl eq_refl)). cbn [fst] in H. apply Nat.ltb_lt in H.
      rewrite (sum_single _ (seq 0 (columns e)) i (seq_NoDup _ _)).
      + destruct (Nat.eq_dec i i); [ring|congruence].
      + apply in_seq. lia.
      + intros j _ N. destruct (Nat.eq_dec i j); [congruence|ring].
  Qed.

  Variable tokens : list (list nat).
  Definition agrees_with (x : Tensors.stream) (r : list (list nat) -> nat -> Q) : Prop :=
    forall p m, (p < length tokens)%nat -> x p m == r (prefix tokens p) m.

  Lemma same_embed : agrees_with (Tensors.embed (tensors_of e) tokens) (embed Nat.eq_dec (numbered e)).
  Proof.
    intros p m H. unfold Tensors.embed, embed. rewrite (prefix_cons tokens p [] H). cbn [tensors_of Tensors.W_E Tensors.W_pos numbered W_E W_pos].
    unfold size. cbn [length]. rewrite length_of_rev, firstn_length_le by lia. reflexivity.
  Qed.

  Lemma same_attention h x r p m : head_fits e h = true -> agrees_with x r -> (p < length tokens)%nat ->
    Tensors.attention (tensors_of e) (head_tensors h) x p m == attention Nat.eq_dec h (r (prefix tokens p)) (map r (tails (prefix tokens p))) m.
  Proof.
    intros Fh A Hp. unfold head_fits in Fh. apply andb_true_iff in Fh as (Fh & FV). apply andb_true_iff in Fh as (FL & FM).
    apply Nat.eqb_eq in FL. rewrite forallb_forall in FM, FV.
    assert (R : forall w s, within e w = true -> (s < length tokens)%nat -> Tensors.total (columns e) (fun m => x s m * entry w m) == dot w (r (prefix tokens s))).
    { intros w s Hw Hs. rewrite total_dot by auto. apply dot_ext. intros q _. now apply A. }
    unfold Tensors.attention. cbn [head_tensors Tensors.d_head Tensors.W_O Tensors.W_Q Tensors.W_K Tensors.W_V tensors_of Tensors.d_model]. unfold attention.
    rewrite (total_nth _ (value_channels h) ([], [])), <- FL. apply total_ext. intros c Hc.
    assert (Ic : In (nth c (value_channels h) ([], [])) (value_channels h)) by (apply nth_In; lia).
    rewrite tails_prefix, map_map, hard_map by auto. rewrite Qmult_comm. apply Qmult_comp; [reflexivity|].
    rewrite (hard_permutation _ _ (rev (seq 0 (S p))) (seq 0 (S p))) by (apply Permutation_sym, Permutation_rev).
    apply hard_ext; intros s Is; apply in_seq in Is.
    - unfold score. rewrite (total_nth _ (match_channels h) ([], [])). apply total_ext. intros c' Hc'.
      assert (I' : In (nth c' (match_channels h) ([], [])) (match_channels h)) by (apply nth_In; lia).
      specialize (FM _ I'). apply andb_true_iff in FM as (F1 & F2). rewrite !R by (auto; lia). reflexivity.
    - apply R; [now apply FV|lia].
  Qed.

  Lemma same_block b x r : block_fits e b = true -> agrees_with x r ->
    agrees_with (Tensors.after_block (tensors_of e) x (block_tensors b)) (after_block Nat.eq_dec r b).
  Proof.
    intros Fb A. apply andb_true_iff in Fb as (FH & FU). rewrite forallb_forall in FH, FU.
    assert (Y : agrees_with (Tensors.after_attention (tensors_of e) (block_tensors b) x) (after_attention Nat.eq_dec b r)).
    { intros p m Hp. unfold Tensors.after_attention, after_attention. cbn [block_tensors Tensors.heads]. rewrite sum_map, (A p m Hp).
      apply Qplus_comp; [reflexivity|]. apply sum_ext. intros h Ih. apply same_attention; auto. }
    intros p m Hp. unfold Tensors.after_block, after_block. rewrite (Y p m Hp). apply Qplus_comp; [reflexivity|].
    unfold Tensors.feed_forward, feed_forward. cbn [block_tensors Tensors.d_mlp Tensors.W_gate Tensors.W_in Tensors.W_out tensors_of Tensors.d_model].
    rewrite (total_nth _ (units b) (Unit [] [] [])). apply total_ext. intros u Hu.
    assert (Iu : In (nth u (units b) (Unit [] [] [])) (units b)) by (apply nth_In; lia).
    specialize (FU _ Iu). apply andb_true_iff in FU as (F1 & F2). set (unit := nth u (units b) (Unit [] [] [])) in *.
    assert (R : forall w, within e w = true -> Tensors.total (columns e) (fun m => Tensors.after_attention (tensors_of e) (block_tensors b) x p m * entry w m)
      == dot w (after_attention Nat.eq_dec b r (prefix tokens p))).
    { intros w Hw. rewrite total_dot by auto. apply dot_ext. intros q _. now apply Y. }
    assert (P : Proper (Qeq ==> Qeq) Tensors.relu).
    { intros a a' E. unfold Tensors.relu. destruct (Qlt_le_dec 0 a), (Qlt_le_dec 0 a'); lra. }
    rewrite !R by auto. rewrite Qmult_comm. reflexivity.
  Qed.

  Lemma same_blocks bs : forall x r, forallb (block_fits e) bs = true -> agrees_with x r ->
    agrees_with (fold_left (Tensors.after_block (tensors_of e)) (map block_tensors bs) x) (fold_left (after_block Nat.eq_dec) bs r).
  Proof.
    induction bs as [|b bs IH]; intros x r F A; [exact A|]. cbn [forallb] in F. apply andb_true_iff in F as (F1 & F2).
    cbn [map fold_left]. apply IH; auto. now apply same_block.
  Qed.

  (** The tensors' logit after all tokens is the logit after the whole context, newest token first. *)
  Theorem tensors_logit token : tokens <> [] -> Tensors.logit (tensors_of e) tokens token == logit Nat.eq_dec (numbered e) (rev tokens) token.
  Proof.
    intros Ne. assert (Hp : (length tokens - 1 < length tokens)%nat) by (destruct tokens; [congruence|cbn; lia]).
    apply andb_true_iff in sized as (FB & FU). rewrite forallb_forall in FU.
    unfold Tensors.logit, logit, Tensors.forward. cbn [tensors_of Tensors.d_model Tensors.W_U Tensors.blocks numbered W_U].
    assert (E : prefix tokens (length tokens - 1) = rev tokens).
    { unfold prefix. f_equal. apply firstn_all2. lia. }
    apply sum_ext. intros r _. rewrite total_dot.
    - apply dot_ext. intros q _. unfold residual. rewrite <- E. apply same_blocks; auto using same_embed.
    - destruct (Nat.lt_ge_cases r (length (unembed_columns e))) as [H|H]; [apply FU, nth_In; lia|now rewrite nth_overflow by lia].
  Qed.
End Same.

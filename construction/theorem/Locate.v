(** LOCATE: where each head is, and which cell each token writes (docs/proof.md, lemma 5 in exact arithmetic).

    The gadgets [running_mean], [product], [gated_product] and [constant] of gadgets.py. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream.
Import ListNotations.
Open Scope Q_scope.

Section Locate.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q}.
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).
  Notation r0 := (@r0 nQ nS k cd beta M L K g).
  Notation x0 := (@x0 nQ nS k cd beta M L K g).
  Definition r1 := after_block dir_dec r0 (locate k M L).
  Definition x1 c := r1 (rc c).

  Definition y1 c := after_attention dir_dec (locate k M L) r0 (rc c).

  Lemma targets_locate d : In d (targets (locate k M L)) ->
    match d with MeanMove _ | MeanInput _ | HeadPos _ | Cell _ => True | _ => False end.
  Proof.
    unfold targets. rewrite in_app_iff, !in_flat_map. cbn [locate heads units].
    intros [(h & Ih & I)|(u & Iu & I)].
    - apply in_map_iff in Ih as (i & <- & _). cbn in I. destruct I as [<-|[<-|[]]]; exact Logic.I.
    - apply in_app_iff in Iu as [Iu|[<-|[]]].
      + apply in_flat_map in Iu as (i & _ & Iu). cbn in Iu.
        destruct Iu as [<-|[<-|[<-|[]]]]; cbn in I; destruct I as [<-|[]]; exact Logic.I.
      + cbn [out] in I. apply in_map_iff in I as ((d', w) & <- & I). apply in_flat_map in I as (i & _ & I).
        cbn in I. destruct I as [E|[E|[]]]; inversion E; exact Logic.I.
  Qed.

  Lemma y1_unchanged c d : ~ In d (targets (locate k M L)) -> y1 c d == x0 c d.
  Proof. intros H. unfold y1. rewrite unchanged_attention by auto. reflexivity. Qed.

  Lemma mean_of c (src : dir) (f : list token -> Z) :
    wf c -> (forall c', In c' (tails c) -> x0 c' src == inject_Z (f c')) ->
    hard (fun c' => score (Head [] []) (r0 (rc c)) (r0 (rc c'))) (fun c' => dot [(src, 1)] (r0 (rc c'))) (tails c)
    == inject_Z (zsum f (tails c)) / size c.
  Proof.
    intros W H. rewrite hard_mean with (m := 0).
    - rewrite size_tails. rewrite (inject_zsum _ f); [reflexivity|]. intros c' I. rewrite dot1. now apply H.
    - destruct (cons_of c W) as (t & c' & ->). discriminate.
    - intros; reflexivity.
  Qed.

  Lemma y1_mean_move c i : wf c -> (i < k)%nat -> y1 c (MeanMove i) == inject_Z (head_at (config_of c) i) / size c.
  Proof.
    intros W Hi. unfold y1, after_attention. fold (x0 c). rewrite (x0_computed c (MeanMove i)) by easy.
    cbn [locate heads]. rewrite sum_map. rewrite (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove i, 1)] (MeanMove i) == 1) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput i, 1)] (MeanMove i) == 0) by (directions; ring).
      rewrite E1, E2. erewrite <- moves_sum by eauto.
      etransitivity; [|apply (mean_of c (Move i) (fun c' => moved i (newest c'))); auto].
      + unfold score; cbn. ring.
      + intros c' I. apply x0_move; auto. eapply wf_tails; eauto.
    - intros j _ Nj. cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove j, 1)] (MeanMove i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput j, 1)] (MeanMove i) == 0) by (directions; ring).
      rewrite E1, E2. ring.
  Qed.

  Lemma y1_mean_input c i : wf c -> (i < k)%nat -> y1 c (MeanInput i) == inject_Z (count i c) / size c.
  Proof.
    intros W Hi. unfold y1, after_attention. fold (x0 c). rewrite (x0_computed c (MeanInput i)) by easy.
    cbn [locate heads]. rewrite sum_map. rewrite (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove i, 1)] (MeanInput i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput i, 1)] (MeanInput i) == 1) by (directions; ring).
      rewrite E1, E2. rewrite <- inputs_sum.
      etransitivity; [|apply (mean_of c (Input i) (fun c' => one_if (is_input i (newest c')))); auto].
      + unfold score; cbn. ring.
      + intros c' I. apply x0_input; auto. eapply wf_tails; eauto.
    - intros j _ Nj. cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove j, 1)] (MeanInput i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput j, 1)] (MeanInput i) == 0) by (directions; ring).
      rewrite E1, E2. ring.
  Qed.

  Lemma constant_locate i (d : dir) : (i < k)%nat -> d = HeadPos i \/ d = Cell i ->
    coeff dir_dec (flat_map (fun i => [(HeadPos i, M); (Cell i, M)]) (tapes k)) d == M.
  Proof.
    intros Hi E. rewrite coeff_flat_map. rewrite (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - destruct E as [-> | ->]; directions; ring.
    - intros j _ Nj. destruct E as [-> | ->]; directions; ring.
  Qed.

  Ltac not_target := let I := fresh in intros I; apply targets_locate in I; exact I.

  Lemma x1_head c i : wf c -> (i < k)%nat -> x1 c (HeadPos i) == inject_Z (head_at (config_of c) i) + M.
  Proof.
    intros W Hi. unfold x1, r1, after_block. fold (y1 c).
    assert (A : y1 c (HeadPos i) == 0).
    { unfold y1, after_attention. fold (x0 c). rewrite (x0_computed c (HeadPos i)) by easy. rewrite sum_zero; [ring|].
      intros h Ih. cbn [locate heads] in Ih. apply in_map_iff in Ih as (j & <- & _).
      cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove j, 1)] (HeadPos i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput j, 1)] (HeadPos i) == 0) by (directions; ring).
      rewrite E1, E2. ring. }
    rewrite A. clear A. unfold feed_forward. cbn [locate units].
    rewrite sum_app, sum_flat_map, (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - cbn [locate_units product gated_product constant sum fold_right out gate times]. rewrite !dot1, (constant_locate i) by auto.
      assert (E1 : coeff dir_dec [(HeadPos i, 1)] (HeadPos i) == 1) by (directions; ring).
      assert (E2 : coeff dir_dec [(Cell i, 1)] (HeadPos i) == 0) by (directions; ring).
      rewrite E1, E2, (y1_unchanged c T), (y1_unchanged c One) by not_target.
      rewrite x0_T, x0_one, y1_mean_move by auto.
      pose proof (size_wf c W). rewrite (relu_pos (size c)), (relu_pos 1) by lra. field. lra.
    - intros j _ Nj. cbn [locate_units product gated_product constant sum fold_right out gate times].
      assert (E1 : coeff dir_dec [(HeadPos j, 1)] (HeadPos i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(Cell j, 1)] (HeadPos i) == 0) by (directions; ring).
      rewrite E1, E2. ring.
  Qed.

  (** The gate of a gated product is closed where its flag is 0. *)
  Lemma gate_spec c (flag : dir) b : wf c -> size c <= L -> ~ In flag (targets (locate k M L)) -> x0 c flag == ind b ->
    relu (dot [(T, 1); (One, - L); (flag, L)] (y1 c)) == ind b * size c.
  Proof.
    intros W HL Nt E. pose proof (size_wf c W).
    assert (D : dot [(T, 1); (One, - L); (flag, L)] (y1 c) == size c - L + L * ind b).
    { unfold dot, sum. cbn [fold_right fst snd]. rewrite (y1_unchanged c T), (y1_unchanged c One), (y1_unchanged c flag) by (auto; not_target).
      rewrite x0_T, x0_one, E by auto. ring. }
    rewrite D. destruct b; cbn [one_if].
    - rewrite relu_pos; [change (inject_Z 1) with 1; ring | change (inject_Z 1) with 1; lra].
    - rewrite relu_neg; [change (inject_Z 0) with 0; ring | change (inject_Z 0) with 0; lra].
  Qed.

  Lemma cell_of_spec c i : cell_of i c = (cell_offset i (newest c) + one_if (is_step (newest c)) * head_at (config_of c) i
    + one_if (is_input i (newest c)) * count i c)%Z.
  Proof.
    destruct c as [|t c]; [reflexivity|]. unfold cell_offset.
    destruct t; cbn [cell_of newest is_input is_step one_if moved config_of head_at apply_action count]; try lia.
    destruct (Nat.eqb i0 i); cbn [one_if]; lia.
  Qed.

  Lemma x1_cell c i : wf c -> (i < k)%nat -> size c <= L -> x1 c (Cell i) == inject_Z (cell_of i c) + M.
  Proof.
    intros W Hi HL. unfold x1, r1, after_block. fold (y1 c).
    assert (A : y1 c (Cell i) == inject_Z (cell_offset i (newest c))).
    { unfold y1, after_attention. fold (x0 c). rewrite x0_cell by auto. rewrite sum_zero; [ring|].
      intros h Ih. cbn [locate heads] in Ih. apply in_map_iff in Ih as (j & <- & _).
      cbn beta; change (x0 c) with (r0 (rc c)); rewrite (attention_at r0). cbn [locate_head carry value_channels sum fold_right fst snd].
      assert (E1 : coeff dir_dec [(MeanMove j, 1)] (Cell i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(MeanInput j, 1)] (Cell i) == 0) by (directions; ring).
      rewrite E1, E2. ring. }
    rewrite A. clear A. unfold feed_forward. cbn [locate units].
    rewrite sum_app, sum_flat_map, (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - cbn [locate_units product gated_product constant sum fold_right out gate times].
      rewrite (gate_spec c Step (is_step (newest c))), (gate_spec c (Input i) (is_input i (newest c)))
        by (auto using x0_step, x0_input; not_target).
      rewrite !dot1, (constant_locate i) by auto.
      assert (E1 : coeff dir_dec [(HeadPos i, 1)] (Cell i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(Cell i, 1)] (Cell i) == 1) by (directions; ring).
      rewrite E1, E2, (y1_unchanged c One) by not_target. rewrite x0_one, y1_mean_move, y1_mean_input by auto.
      pose proof (size_wf c W). rewrite (relu_pos 1) by lra.
      rewrite cell_of_spec, !inject_Z_plus, !inject_Z_mult. field. lra.
    - intros j _ Nj. cbn [locate_units product gated_product constant sum fold_right out gate times].
      assert (E1 : coeff dir_dec [(HeadPos j, 1)] (Cell i) == 0) by (directions; ring).
      assert (E2 : coeff dir_dec [(Cell j, 1)] (Cell i) == 0) by (directions; ring).
      rewrite E1, E2. ring.
  Qed.

  Lemma x1_unchanged c d : match d with MeanMove _ | MeanInput _ | HeadPos _ | Cell _ => False | _ => True end -> x1 c d == x0 c d.
  Proof. intros H. unfold x1, r1. rewrite unchanged; [reflexivity|]. intros I. apply targets_locate in I. now destruct d. Qed.

  Lemma x1_one c : wf c -> x1 c One == 1.
  Proof. intros W. rewrite x1_unchanged by exact I. now apply x0_one. Qed.
End Locate.
